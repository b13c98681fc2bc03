"use strict";
(() => {
  const episode = JSON.parse(document.getElementById("episode").textContent);
  const { moments, pictures, texts, roles, players } = episode;
  const last = moments.length - 1;
  const byId = (id) => document.getElementById(id);
  const opened = { reply: true, prompt: false, reasoning: false };
  let at = 0;
  let timer = null;

  // All model output is added here: as text, never as markup.
  function make(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== null && value !== undefined) node.setAttribute(name, value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  }

  const badge = (name) => make("span", { class: `badge ${name}` }, name);
  const plain = (text) => make("span", { class: "badge plain" }, text);
  const picture = (number, alt, kind) => make("img", { src: pictures[number], alt, class: kind });
  const number = (value) => String(Math.round(value * 1000) / 1000).replace("-", "\u2212");
  const signed = (value) => (value > 0 ? "+" : "") + number(value);
  const seatName = (seat) => roles[seat][0].toUpperCase() + roles[seat].slice(1);

  function fold(kind, title, ...content) {
    const node = make("details", {}, make("summary", {}, title), ...content);
    node.open = opened[kind];
    node.addEventListener("toggle", () => { opened[kind] = node.open; });
    return node;
  }

  function messageView(message) {
    const parts = message.parts.map((part) =>
      "picture" in part
        ? make("div", {}, picture(part.picture, "Picture in the prompt"))
        : make("pre", {}, texts[part.text]));
    return make("div", { class: "message" }, make("p", {}, message.role), ...parts);
  }

  function promptView(exchange) {
    const fresh = exchange.messages.slice(exchange.sent_before);
    if (!exchange.messages.length) {
      return fold("prompt", "Prompt", make("pre", {}, "The prompt cannot be shown: the run's templates changed since it began, or are not trusted."));
    }
    if (!fresh.length) {
      return fold("prompt", "Prompt", make("pre", {}, `The same prompt again, with up to ${exchange.max_tokens} output tokens.`));
    }
    return fold("prompt", exchange.sent_before ? "Prompt (new messages)" : "Prompt", ...fresh.map(messageView));
  }

  function usage(exchange) {
    const { input, output } = exchange.tokens;
    const parts = [`${input} in`, `${output} out`, `${exchange.latency.toFixed(2)} s`];
    if (exchange.cost !== null) parts.push(`$${exchange.cost.toFixed(4)}`);
    return make("span", { class: "usage", title: `Input and output tokens, latency, cost. Stop reason: ${exchange.stop}. Model served: ${exchange.served_model || "not reported"}` }, parts.join(" \u00b7 "));
  }

  function exchangeView(exchange) {
    const reply = texts[exchange.reply];
    const reasoning = texts[exchange.reasoning];
    const name = `Attempt ${exchange.attempt + 1}`;
    const answer = exchange.answer === null ? null : make("code", {}, exchange.answer);
    return make("article", { class: `question ${exchange.outcome}` },
      make("header", {}, make("h3", {}, name), badge(exchange.outcome), answer, usage(exchange)),
      promptView(exchange),
      reasoning ? fold("reasoning", "Reasoning", make("pre", {}, reasoning)) : null,
      fold("reply", "Reply", make("pre", {}, reply || "(empty)")));
  }

  function moveView(seat, index, moment) {
    const rewards = moment.rewards;
    const gain = make("span", { class: "gain" },
      rewards ? make("strong", {}, signed(rewards[index])) : null,
      make("small", {}, ` return ${number(moment.returns[index])}`));
    const move = seat.move === null
      ? make("span", { class: "quiet" }, seat.acting ? "to move" : at === last && episode.finished ? "episode over" : "not acting")
      : make("span", { class: "move" }, seat.move);
    const standIn = seat.outcome && !["ok", "bot"].includes(seat.outcome)
      ? plain("random legal move") : null;
    return make("div", { class: "move-bar" }, move, seat.outcome ? badge(seat.outcome) : null, standIn, gain);
  }

  function part(title, node) {
    return make("section", {}, make("h3", {}, title), node);
  }

  function faultsView(faults) {
    return make("ul", { class: "faults" }, ...faults.map((fault) =>
      make("li", {}, make("span", { class: "badge fault" }, fault.kind.replaceAll("_", " ")),
        ` ${fault.message}${fault.wait === null ? "" : ` (retried after ${fault.wait.toFixed(1)} s)`}`)));
  }

  function seatView(seat, index, moment) {
    const alt = `View of ${roles[index]} at step ${at}`;
    const shown = [...seat.pictures];
    const now = shown.pop();
    const legal = seat.legal.map((label) =>
      make("li", label === seat.move ? { class: "taken" } : {}, label));
    const status = seat.acting ? (seat.move === null ? "to move" : "moves") : null;
    return make("article", { class: `seat seat-${index}${seat.acting ? " acting" : ""}` },
      make("header", {},
        make("h2", {}, make("i"), seatName(index)), make("code", {}, players[index]),
        status ? plain(status) : null),
      make("figure", {},
        shown.length ? make("div", { class: "history" }, ...shown.map((each) => picture(each, "Earlier picture"))) : null,
        picture(now, alt, "now")),
      moveView(seat, index, moment),
      make("div", { class: "body" },
        ...seat.exchanges.map(exchangeView),
        seat.faults.length ? part("Failed calls", faultsView(seat.faults)) : null,
        legal.length ? part("Legal actions", make("ul", { class: "legal" }, ...legal)) : null,
        part("State as text", make("p", { class: "state-text" }, texts[seat.text]))));
  }

  function eventsView(moment) {
    const names = Object.keys(episode.events).filter((name) => name in moment.events);
    byId("events").hidden = !names.length;
    if (!names.length) return;
    const head = make("tr", {}, make("th", { scope: "col" }), ...roles.map((_, seat) => make("th", { scope: "col" }, seatName(seat))));
    const rows = names.map((name) => make("tr", {},
      make("th", { scope: "row" }, episode.events[name]),
      ...moment.events[name].map((count) => make("td", {}, number(count)))));
    byId("events").replaceChildren(make("table", {},
      make("caption", {}, "Events so far, including this move"), make("thead", {}, head), make("tbody", {}, ...rows)));
  }

  function show(step, speak = true) {
    at = Math.max(0, Math.min(last, step));
    const moment = moments[at];
    const ended = at === last && episode.finished;
    byId("seats").replaceChildren(...moment.seats.map((seat, index) => seatView(seat, index, moment)));
    eventsView(moment);
    const name = ended ? "End" : `Step ${at}`;
    byId("position").replaceChildren(name, make("small", {}, ended ? ` after ${last} steps` : ` of ${last}`));
    byId("scrubber").value = at;
    byId("scrubber").setAttribute("aria-valuetext", name);
    for (const cell of byId("lanes").querySelectorAll(".at")) cell.classList.remove("at");
    for (const lane of byId("lanes").children) lane.children[at].classList.add("at");
    byId("first").disabled = byId("previous").disabled = at === 0;
    byId("last").disabled = byId("next").disabled = at === last;
    if (speak && timer === null) {
      const moves = moment.seats.map((seat, index) => seat.move && `${roles[index]}: ${seat.move}, ${seat.outcome}`);
      byId("announcement").textContent = [name, ...moves.filter(Boolean)].join(". ");
    }
    history.replaceState(null, "", `#step=${at}`);
  }

  function play(on) {
    clearTimeout(timer);
    timer = null;
    byId("play").setAttribute("aria-pressed", String(on));
    byId("play").setAttribute("aria-label", on ? "Pause (space)" : "Play (space)");
    if (!on) return;
    const turn = () => {
      if (at === last) return play(false);
      show(at + 1);
      timer = setTimeout(turn, Number(byId("speed").value));
    };
    if (at === last) show(0);
    timer = setTimeout(turn, Number(byId("speed").value));
  }

  function go(step) {
    play(false);
    show(step);
  }

  function drawTimeline() {
    const crowded = moments.length > 160;
    byId("lanes").style.setProperty("--gap", crowded ? "0" : moments.length > 70 ? "1px" : "2px");
    byId("lanes").style.setProperty("--round", crowded ? "0" : "3px");
    byId("lanes").replaceChildren(...roles.map((_, seat) =>
      make("div", { class: `lane seat-${seat}` }, ...moments.map((moment) =>
        make("b", { class: moment.seats[seat].outcome })))));
    byId("scrubber").max = last;
    byId("scrubber").style.setProperty("--inset", `calc(${50 / moments.length}% - 8px)`);
    const svg = byId("returns");
    const values = moments.flatMap((moment) => moment.returns);
    const low = Math.min(0, ...values), high = Math.max(0, ...values), span = high - low || 1;
    const draw = (tag, attributes) => {
      const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
      for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
      svg.append(node);
    };
    const height = (value) => 95 - (90 * (value - low)) / span;
    svg.setAttribute("viewBox", `0 0 ${moments.length} 100`);
    draw("line", { class: "zero", x1: 0, x2: moments.length, y1: height(0), y2: height(0) });
    roles.forEach((_, seat) => {
      const points = moments.map((moment, step) => `${step + 0.5},${height(moment.returns[seat])}`);
      draw("polyline", { class: `seat-${seat}`, points: points.join(" ") });
    });
  }

  function linked() {
    const match = /^#step=(\d+)$/.exec(location.hash);
    return match ? Number(match[1]) : 0;
  }

  byId("first").addEventListener("click", () => go(0));
  byId("previous").addEventListener("click", () => go(at - 1));
  byId("next").addEventListener("click", () => go(at + 1));
  byId("last").addEventListener("click", () => go(last));
  byId("play").addEventListener("click", () => play(timer === null));
  byId("scrubber").addEventListener("input", (event) => go(Number(event.target.value)));
  byId("lanes").addEventListener("click", (event) => {
    const box = byId("lanes").getBoundingClientRect();
    go(Math.floor(((event.clientX - box.left) / box.width) * moments.length));
  });
  addEventListener("hashchange", () => go(linked()));
  addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const keys = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last };
    const busy = event.target.closest("input, select, summary, button, a");
    if (event.key in keys && !event.target.closest("input, select")) {
      event.preventDefault();
      go(keys[event.key]);
    } else if (event.key === " " && (!busy || busy.id === "scrubber")) {
      event.preventDefault();
      play(timer === null);
    }
  });

  drawTimeline();
  show(linked(), false);
})();

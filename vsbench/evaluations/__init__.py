"""What is measured: each evaluation makes units of work, and each unit writes one journal."""

"""What is measured: each evaluation plays its episodes and writes their journals."""

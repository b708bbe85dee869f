"""How the demo bank is filled, which log-ins it has and how it is served."""

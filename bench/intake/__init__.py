"""How fast messages become reports: ours, a plain consumer, and what the machine could do at most."""

"""How large what a source sends may be: the same at the door (`api.intake`) and when it is read (`jobs.transforms`)."""

LARGEST_TEXT = 1024 * 1024  # bytes of XML, JSON, a form or CSV
LARGEST_MESSAGE = 4 * 1024 * 1024  # bytes of a message whose text comes with pictures; the broker takes 8 MiB

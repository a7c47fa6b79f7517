"""The contracts in other people's formats: data for JSON readers, payload schemas, AsyncAPI, ODCS, pages to read."""

"""The `ninelines` command. Each subcommand is a function in infra/commands; heavy imports stay inside it."""

import typer

from infra.commands import (
    classify,
    demo,
    ingest,
    keys,
    link,
    replay,
    run,
    simulate,
    stack,
    train,
    try_feed,
    warn,
)

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.command()(stack.up)
app.command()(stack.down)
app.command()(stack.status)
for command in (demo, run, simulate, ingest, replay, try_feed, train, classify, link, warn, keys):
    command.register(app)

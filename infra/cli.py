"""The `ninelines` command. Each subcommand is a function in infra/commands; heavy imports stay inside it."""

import typer

from infra.commands import (
    areas,
    audit,
    caller_key,
    classify,
    demo,
    faults,
    ingest,
    keys,
    link,
    models,
    quarantine,
    route,
    run,
    simulate,
    stack,
    train,
    try_feed,
    warn,
    whatif,
)

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.command()(stack.up)
app.command()(stack.down)
app.command()(stack.status)
for command in (
    demo, run, simulate, ingest, quarantine, faults, try_feed, train, classify, route, link, warn, keys, areas,
    caller_key, whatif, models, audit,
):  # fmt: skip
    command.register(app)

"""The HTTP API: `uvicorn api.app:create_app --factory`."""

import gc
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from api import logs, problems
from api.attachments import routes as attachments
from api.attachments.bucket import open_bucket
from api.audit.recording import Recorder
from api.exports import routes as exports
from api.feeds import routes as feeds
from api.happenings import routes as happenings
from api.happenings.hub import Hub
from api.health import routes as health
from api.incidents import routes as incidents
from api.intake import routes as intake
from api.keys.known import Known, Pace
from api.metrics import routes as metrics
from api.notices import routes as notices
from api.orders import bulk_routes, centre_routes
from api.orders import routes as orders
from api.outbox.relay import Relay
from api.quality import routes as quality
from api.reports import routes as reports
from api.scorecards import routes as scorecards
from api.store import open_store
from api.warnings import routes as warnings
from api.webhooks import routes as webhooks
from api.webhooks.delivering import Deliverer
from api.whatif import routes as whatif
from jobs.settings import Settings

RESOURCES = (
    exports,
    orders,
    bulk_routes,
    centre_routes,
    attachments,
    notices,
    happenings,
    webhooks,
    incidents,
    warnings,
    metrics,
    reports,
    scorecards,
    whatif,
    feeds,
    quality,
    intake,
    health,
)

DESCRIPTION = """\
One intake for a county's calls for help (九线合一): orders for departments, warnings for analysts, figures for leaders.

Send an API key as `Authorization: Bearer nl_…`. Instants are UTC. Errors are RFC 9457 problems that say what to do.
Lists give `next_cursor`. Writes take `If-Match` (the ETag you saw) and `Idempotency-Key` (your name for the request).
"""


def create_app(settings: Settings | None = None, is_relaying: bool = True) -> FastAPI:
    """The application. is_relaying: also run the outbox relay, the webhooks and the access log, in threads of this
    process.
    """
    settings = settings or Settings()
    logs.configure()
    # The documentation pages of FastAPI load scripts from elsewhere, which a county's closed network has not.
    app = FastAPI(
        title="Ninelines 九线合一",
        version="1.0",
        description=DESCRIPTION,
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.settings, app.state.store = settings, open_store(settings)
    app.state.known, app.state.pace = Known(), Pace(settings.requests_a_second)
    app.state.relay = Relay(settings, app.state.store) if is_relaying else None
    app.state.deliverer = Deliverer(app.state.store) if is_relaying else None
    app.state.recorder = Recorder(app.state.store) if is_relaying else None
    app.state.hub = Hub(app.state.store)
    app.state.bucket = open_bucket(settings)
    app.state.gateway, app.state.intake_room = intake.open_gateway(settings.kafka)
    app.add_middleware(logs.AccessLog)
    problems.install(app)
    for resource in RESOURCES:
        app.include_router(resource.router)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    gc.collect()
    gc.freeze()  # what was imported stays: looking through it again and again cost answers a tenth of a second
    workers = [worker for worker in (app.state.relay, app.state.deliverer, app.state.recorder, app.state.hub) if worker]
    threads = [threading.Thread(target=worker.run, name=type(worker).__name__, daemon=True) for worker in workers]
    for thread in threads:
        thread.start()
    yield
    app.state.gateway.close()
    for worker in workers:
        worker.stop()
    for thread in threads:
        thread.join(timeout=8)  # what is cut off here goes out at the next start
    app.state.store.dispose()

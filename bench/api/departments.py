"""What locust runs: departments and their dispatcher, each one order after the other, as fast as the API answers.

NINELINES_BENCH names a JSON file: `dispatcher` (its key), `keys` (unit -> key), `units` (as often as its volume says),
`texts` (what callers say) and `words` (to search for). A life-cycle is create (登记), dispatch, sign, handle, close, a
list of what is new for the unit, and a search for words; it counts when all of it went well.
"""

import json
import os
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from locust import FastHttpUser, constant, events, task

PLAN: dict[str, Any] = json.loads(Path(os.environ["NINELINES_BENCH"]).read_text(encoding="utf-8"))
NUMBERS: Iterator[int] = count()
CATEGORIES = ("noise", "municipal_works", "city_appearance", "housing", "utilities")
DUE = "2027-03-12T10:00:00+08:00"


class Department(FastHttpUser):
    """One closed-loop client: it sends the next call when it has the answer to the last."""

    wait_time = constant(0)
    connection_timeout = network_timeout = 30.0

    def on_start(self) -> None:
        self.random = Random(f"{os.getpid()} {next(NUMBERS)}")

    @task
    def life_cycle(self) -> None:
        """From the call to closed, and two looks at the lists."""
        begun, unit = time.perf_counter(), self.random.choice(PLAN["units"])
        order, version = self._created()
        steps = [
            ("dispatch", PLAN["dispatcher"], {"unit_code": unit, "reason": "属该单位职责", "finish_due_at": DUE}),
            ("sign", PLAN["keys"][unit], {}),
            ("handle", PLAN["keys"][unit], {"reason": "已派员前往"}),
            ("close", PLAN["keys"][unit], {"outcome": "solved", "reason": "已处理完毕"}),
        ]
        for step, key, body in steps:
            version = version and self._step(order, step, key, body, version)
        if not version:
            return
        looks = (
            {"state": "dispatched", "unit": unit, "limit": 20},
            {"q": self.random.choice(PLAN["words"]), "limit": 20},
        )
        if all(
            self._look(name, PLAN["keys"][unit], asked) for name, asked in zip(("new", "search"), looks, strict=True)
        ):
            spent = (time.perf_counter() - begun) * 1000
            events.request.fire(
                request_type="", name="life-cycle", response_time=spent, response_length=0, exception=None, context={}
            )

    def _created(self) -> tuple[str, str]:
        """The order's number and version; both empty where it went wrong."""
        text = f"{self.random.choice(PLAN['texts'])}（{self.random.randrange(10**6)}）"
        body = {
            "text": text,
            "kind": "complaint",
            "category": self.random.choice(CATEGORIES),
            "place": "东湖街道菜市场",
        }
        headers = {"Idempotency-Key": f"{os.getpid()} {next(NUMBERS)} {time.time_ns()}"}
        headers["Authorization"] = f"Bearer {PLAN['dispatcher']}"
        with self.client.post("/v1/orders", json=body, headers=headers, name="create", catch_response=True) as answer:
            if answer.status_code != 201:
                answer.failure(f"{answer.status_code} {answer.text}")
                return "", ""
            return str(answer.json()["order_id"]), str(answer.headers["ETag"])

    def _step(self, order: str, step: str, key: str, body: dict[str, Any], version: str) -> str:
        """The version after it; empty where it went wrong, which locust counts."""
        headers = {"If-Match": version, "Idempotency-Key": f"{order} {step}", "Authorization": f"Bearer {key}"}
        with self.client.post(
            f"/v1/orders/{order}/{step}", json=body, headers=headers, name=step, catch_response=True
        ) as answer:
            if answer.status_code != 200:
                answer.failure(f"{answer.status_code} {answer.text}")
                return ""
            return str(answer.headers["ETag"])

    def _look(self, name: str, key: str, asked: dict[str, Any]) -> bool:
        headers = {"Authorization": f"Bearer {key}"}
        answer = self.client.get("/v1/orders", params=asked, headers=headers, name=name)
        return bool(answer.status_code == 200)

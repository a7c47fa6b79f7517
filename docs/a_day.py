"""`python docs/a_day.py URL --unit housing`: a working day of a department (承办单位), through the API alone.

NINELINES_DEPARTMENT_KEY and NINELINES_DISPATCHER_KEY hold the keys of the unit and of the command centre
(`ninelines keys create department --unit housing`, `ninelines keys create dispatcher`). What is printed is what people
would see; docs/day.md tells the same in words. It stops at the first answer that it does not expect.
"""

import argparse
import csv
import os
import sys
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

Say = Callable[[str], None]
# One grey pixel, where a phone would send a photograph.
PICTURE = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==")
CALLS = (
    ("桃园小区3号楼电梯停运,老人上下楼不便", "桃园小区"),
    ("东湖街道居民楼外墙渗水,雨天室内滴水", "东湖街道"),
    ("老旧小区楼道照明损坏,夜间出行不便", "北苑小区"),
)
COLUMNS = ("order_id", "state", "outcome", "text", "place", "dispatched_at", "finish_due_at", "closed_at")


class Desk:
    """Somebody at work: says what they do, keeps the version of each order that they saw."""

    def __init__(self, name: str, http: httpx.Client, say: Say) -> None:
        self.name, self._http, self._say = name, http, say
        self._seen: dict[str, str] = {}

    def read(self, path: str, **asked: Any) -> Any:
        """What the API gives; SystemExit tells what it refused."""
        return self._answer(self._http.get(path, params=asked)).json()

    def note(self, what: str, unit: str, text: str, place: str) -> str:
        """A new order (登记), sent to the unit at once; its number."""
        body = {"text": text, "place": place, "kind": "complaint", "category": "housing", "unit_code": unit}
        order = self._answer(self._http.post("/v1/orders", json=body, headers=_once(what))).json()
        self._say(f"{self.name}: {what} {order['order_id'][:8]} {order['text']} → {order['unit_code']}")
        return str(order["order_id"])

    def step(self, what: str, order_id: str, step: str, **body: Any) -> dict[str, Any]:
        """Take a step on the version that was read last: somebody else's change in between is told, not lost."""
        path = f"/v1/orders/{order_id}"
        version = str(self._answer(self._http.get(path)).headers["ETag"])
        headers = {"If-Match": version, **_once(f"{order_id} {step} {version}")}
        order: dict[str, Any] = self._answer(self._http.post(f"{path}/{step}", json=body, headers=headers)).json()
        due = datetime.fromisoformat(order["finish_due_at"]).astimezone()
        self._say(f"{self.name}: {what} {order_id[:8]} → {order['state']}, 时限 {due:%m-%d %H:%M}")
        return order

    def add_picture(self, order_id: str) -> None:
        answer = self._http.post(
            f"/v1/orders/{order_id}/attachments", content=PICTURE, headers={"Content-Type": "image/png"}
        )
        if answer.status_code == 503:  # a stack without an object store still has its orders
            return self._say(f"{self.name}: 附件 没有保存: {answer.json()['title']}")
        told = self._answer(answer).json()
        self._say(f"{self.name}: 附件 {order_id[:8]} {told['media_type']}, {told['size_bytes']} 字节")

    def _answer(self, answer: httpx.Response) -> httpx.Response:
        if answer.is_error:
            raise SystemExit(f"{self.name}: {answer.request.method} {answer.url.path}: {answer.text}")
        return answer


def play(unit: str, department: httpx.Client, dispatcher: httpx.Client, say: Say) -> list[dict[str, Any]]:
    """The day; returns the unit's orders of the day, as they are at its end."""
    centre, we = Desk("县指挥中心", dispatcher, say), Desk(unit, department, say)
    morning = datetime.now(UTC)
    lift, leak, lamp = (centre.note("登记", unit, text, place) for text, place in CALLS)
    new = we.read("/v1/orders", state="dispatched", unit=unit, limit=200)["items"]
    say(f"{unit}: 待签收 {len(new)} 件; 紧急 {sum(order['is_urgent'] for order in new)} 件")
    for order in (lift, leak, lamp):
        we.step("签收", order, "sign")
        we.step("办理", order, "handle", reason="已派员前往现场")
    _ask_for_time(we, centre, lift)
    we.step("挂起", leak, "pause", cause="waiting_for_caller", reason="来电人外出,约定明日入户查看")
    we.step("恢复", leak, "resume", reason="来电人已回,入户查看")
    we.add_picture(lamp)
    for order in (leak, lamp):
        we.step("办结", order, "close", outcome="solved", reason="已修复")
    _call_back(we, centre, lamp)
    return _of_today(we, unit, morning, say)


def _ask_for_time(we: Desk, centre: Desk, order: str) -> None:
    """A spare part takes longer than the limit: asked for, and granted (延期)."""
    due = datetime.fromisoformat(we.read(f"/v1/orders/{order}")["finish_due_at"]) + timedelta(days=3)
    we.step("申请延期", order, "ask-extension", finish_due_at=due.isoformat(), reason="电梯配件到货需三天")
    centre.step("同意延期", order, "grant-extension")


def _call_back(we: Desk, centre: Desk, order: str) -> None:
    """The caller is not content: the order comes back, is done again, and is content then."""
    answers = {"reached": True, "was_contacted": True}
    centre.step("回访", order, "call-back", **answers, was_solved=False, satisfaction="dissatisfied")
    centre.step("重办", order, "reopen", reason="来电人反映灯仍不亮")
    we.step("办理", order, "handle", reason="更换线路")
    we.step("办结", order, "close", outcome="solved", reason="已更换线路,灯已亮")
    centre.step("回访", order, "call-back", **answers, was_solved=True, satisfaction="satisfied")


def _of_today(we: Desk, unit: str, morning: datetime, say: Say) -> list[dict[str, Any]]:
    """The unit's orders that were dispatched since the morning, newest first, page by page."""
    found: list[dict[str, Any]] = []
    page: dict[str, Any] = {"next_cursor": ""}
    while page["next_cursor"] is not None and len(found) % 50 == 0:
        page = we.read("/v1/orders", unit=unit, limit=50, **({"cursor": page["next_cursor"]} if found else {}))
        found += [order for order in page["items"] if datetime.fromisoformat(order["dispatched_at"]) >= morning]
    say(f"{unit}: 今日 {len(found)} 件, 已办结 {sum(order['closed_at'] is not None for order in found)} 件")
    return found


def _once(name: str) -> dict[str, str]:
    """The request's own name: sent again after a broken connection it is answered, not done again."""
    return {"Idempotency-Key": f"{name} {datetime.now(UTC):%FT%T.%f}".encode().hex()}


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("url", nargs="?", default="http://127.0.0.1:19080")
    asked.add_argument("--unit", default="housing")
    told = asked.parse_args()
    keys = [os.environ[f"NINELINES_{name}_KEY"] for name in ("DEPARTMENT", "DISPATCHER")]
    clients = [httpx.Client(base_url=told.url, timeout=30, headers={"Authorization": f"Bearer {key}"}) for key in keys]
    orders = play(told.unit, *clients, _say)
    table = csv.DictWriter(sys.stdout, COLUMNS, extrasaction="ignore")
    table.writeheader()
    table.writerows(orders)
    return 0


if __name__ == "__main__":
    sys.exit(main())

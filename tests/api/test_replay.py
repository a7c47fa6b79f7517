"""An Idempotency-Key makes a write safe to send again."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from schemas.tables import ORDER_EVENTS
from tests.api.conftest import County

KEY = {"Idempotency-Key": "my-first-sign"}


def test_a_repeated_request_gets_the_first_answer_and_does_nothing(county: County):
    county.has_orders({})
    police = county.client("department")
    first = police.post("/v1/orders/o1/sign", headers=KEY)
    police.post("/v1/orders/o1/handle")
    again = police.post("/v1/orders/o1/sign", headers=KEY)
    assert (again.status_code, again.json(), again.headers["ETag"]) == (200, first.json(), '"2"')
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(county.rows(ORDER_EVENTS)) == 2


def test_a_key_names_one_request_only(county: County):
    county.has_orders({}, {"order_id": "o2"})
    police = county.client("department")
    police.post("/v1/orders/o1/sign", headers=KEY)
    other = police.post("/v1/orders/o2/sign", headers=KEY)
    assert (other.status_code, other.json()["type"]) == (422, "urn:ninelines:problem:key-reused")


def test_keys_of_different_callers_do_not_meet(county: County):
    county.has_orders({}, {"order_id": "o2", "unit_code": "housing"})
    assert county.client("department", "police").post("/v1/orders/o1/sign", headers=KEY).status_code == 200
    assert county.client("department", "housing").post("/v1/orders/o2/sign", headers=KEY).status_code == 200


def test_a_request_that_failed_may_be_sent_again(county: County):
    county.has_orders({"state": "closed"})
    dispatcher, body = county.client("dispatcher"), {"reason": "来电人不满意"}
    assert dispatcher.post("/v1/orders/o1/archive", json=body, headers=KEY).status_code == 409
    answers = {"reached": True, "was_contacted": True, "was_solved": False, "satisfaction": "dissatisfied"}
    dispatcher.post("/v1/orders/o1/call-back", json=answers)
    assert dispatcher.post("/v1/orders/o1/archive", json=body, headers=KEY).status_code == 200


def test_the_same_request_twice_at_once_is_done_once(county: County):
    county.has_orders({})
    police = county.client("department")

    def sign(_: int) -> Any:
        return police.post("/v1/orders/o1/sign", headers=KEY)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(sign, range(2)))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert len(county.rows(ORDER_EVENTS)) == 1

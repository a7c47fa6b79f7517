"""The metric catalogue says what every figure means, also when it is undefined."""

import pytest

from schemas.metrics import METRICS, THREE_RATES


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_a_share_says_when_it_is_undefined_and_a_count_never_is(metric):
    assert (metric.kind == "share") == (metric.undefined_label is not None)
    assert metric.label.zh and metric.label.en and metric.numerator and metric.denominator and metric.window


def test_the_three_rates_share_one_denominator_and_one_undefined_case():
    rates = [METRICS[code] for code in THREE_RATES]
    assert [rate.label.zh for rate in rates] == ["响应率", "解决率", "满意率"]
    assert {(rate.denominator, rate.undefined_label.zh) for rate in rates} == {(rates[0].denominator, "无有效回访")}

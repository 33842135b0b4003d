"""The check that keeps the exception in schemathesis.toml narrow."""

import schemathesis


@schemathesis.check
def valid_data_is_refused_only_for_a_date_that_is_not_past(ctx, response, case) -> None:
    positive = case.meta is not None and case.meta.generation.mode.is_positive
    if positive and response.status_code == 400:
        assert response.json() == {"error": "Date must be in the past"}, response.text

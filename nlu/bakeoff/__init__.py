"""The bake-off of docs/nlu.md: pipelines trained on our data, measured alone, without rules (``make bakeoff``)."""

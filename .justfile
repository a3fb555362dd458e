# `just --justfile .justfile` lists these; run them from an environment that holds requirements.txt, ruff and mypy.

default:
    @just --justfile .justfile --list

# What must hold before a commit
check:
    ruff check .
    ruff format --check .
    mypy evaluator styles app.py

# Mend what can be mended without thought
fix:
    ruff check --fix .
    ruff format .

# The tests, with the branches that they miss
test *options:
    python -m pytest --cov {{ options }}

# The figures of the README; needs a folder of product photographs
bench folder:
    python -m evaluator bench --ladder {{ folder }}

# Everything from nothing, as it runs before a merge
ci:
    .ci/run

"""The examples in the docstrings of the workbook room are true."""

import doctest
import importlib
import pkgutil

import pytest

import crmkit.workbook

MODULES = sorted(module.name for module in pkgutil.iter_modules(crmkit.workbook.__path__))


@pytest.mark.parametrize("name", MODULES)
def test_examples_of(name):
    module = importlib.import_module(f"crmkit.workbook.{name}")
    assert doctest.testmod(module).failed == 0

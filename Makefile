# Everything the course can be asked to do. `make` alone lists it.
# Assumes a POSIX shell and Python 3.11 or later with venv; the rest is installed into .venv.

.DEFAULT_GOAL := help
PY := .venv/bin/python
export PYTHONUTF8 := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Hundreds of programs start in the tests: without compiled modules each one costs a second more.
unexport PYTHONDONTWRITEBYTECODE

# --- the environment -----------------------------------------------------------------------------
# Nothing is done when the lock, the project file and the folder are those of the last time.
define ENVIRONMENT
set -eu
want="$$(cat requirements.lock pyproject.toml | cksum) $$PWD"
if [ "$$(cat .venv/ready 2>/dev/null || true)" = "$$want" ] && .venv/bin/python -c ''; then exit 0; fi
python=''
for name in "$${PYTHON:-python3}" python3 python3.13 python3.12 python3.11 python; do
  if "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python="$$name"; break
  fi
done
if [ -z "$$python" ]; then
  echo "课程需要 Python 3.11 或更新的版本，这里是：$$(python3 --version 2>/dev/null || echo 没有 Python)。" >&2
  echo "请安装新版 Python；已装在别处时用 PYTHON 指明，例如：make start PYTHON=/opt/python/bin/python3" >&2
  exit 1
fi
if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then
  echo "$$python 缺少 venv 模块，不能建立课程环境。" >&2
  echo "Debian、Ubuntu 请运行：sudo apt install python3-venv" >&2
  exit 1
fi
# A folder that was moved or renamed leaves programs in .venv that point to the old place.
case "$$(cat .venv/ready 2>/dev/null || true)" in *" $$PWD") fresh='' ;; *) fresh=--clear ;; esac
if [ -n "$$fresh" ] || ! .venv/bin/python -c '' 2>/dev/null; then
  echo "建立课程环境 .venv（$$("$$python" --version)）……"
  "$$python" -m venv --clear .venv
fi
rm -f .venv/ready .venv/ready-for-tests
echo "安装课程软件，第一次需要几分钟……"
# pip compiles one module after the other; compileall takes every core.
if ! .venv/bin/python -m pip install --quiet --no-input --no-compile -r requirements.lock ||
   ! .venv/bin/python -m pip install --quiet --no-input --no-deps -e .; then
  echo "没有装好，请检查网络后再运行一次。" >&2
  exit 1
fi
.venv/bin/python -m compileall -q -j 0 .venv/lib >/dev/null 2>&1 || true  # templates of modules do not compile
printf '%s' "$$want" > .venv/ready
echo "课程环境已就绪。"
endef
export ENVIRONMENT

# What tests need of the system, as shell functions.
define SYSTEM
browser() { [ -n "$$(sh -c "$$CHROMIUM")" ] ; }
chinese() { command -v fc-list >/dev/null 2>&1 && fc-list :lang=zh-cn family | grep -q . ; }
office() { command -v soffice >/dev/null 2>&1; }
# LibreOffice's own Python, or the system's; the course's does not know LibreOffice.
office_python() {
  for python in "$$(dirname "$$(readlink -f "$$(command -v soffice)")")/python" /usr/bin/python3; do
    "$$python" -c 'import uno' 2>/dev/null && return
  done
  return 1
}
npm_there() { command -v npm >/dev/null 2>&1; }
# Linux only; elsewhere there is nothing to install.
bubblewrap() { [ "$$(uname)" != Linux ] || command -v bwrap >/dev/null 2>&1; }
postgres() { command -v pg_ctl >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/pg_ctl >/dev/null 2>&1; }
endef

# Debian's packages, for root; elsewhere TEST_TOOLS says what is missing.
define SYSTEM_TOOLS
set -eu
$(SYSTEM)
[ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || exit 0
missing=''
browser || missing="$$missing chromium"
chinese || missing="$$missing fontconfig fonts-noto-cjk"
office || missing="$$missing libreoffice-calc"
office_python || missing="$$missing python3-uno"
npm_there || missing="$$missing nodejs npm"
bubblewrap || missing="$$missing bubblewrap"
postgres || missing="$$missing postgresql"
[ -n "$$missing" ] || exit 0
echo "安装系统软件：$$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# Debian's browser without a window draws the same and costs less.
if apt-cache show chromium-headless-shell >/dev/null 2>&1; then
  missing="$$(echo "$$missing " | sed 's/ chromium / chromium-headless-shell /')"
fi
apt-get install -qq -y --no-install-recommends $$missing >/dev/null
endef
export SYSTEM_TOOLS

define TEST_TOOLS
set -eu
$(SYSTEM)
want="$$(cat requirements.lock tests/requirements.lock | cksum)"
if [ "$$(cat .venv/ready-for-tests 2>/dev/null || true)" != "$$want" ]; then
  echo "安装测试工具……"
  .venv/bin/python -m pip install --quiet --no-input -r tests/requirements.lock
  printf '%s' "$$want" > .venv/ready-for-tests
fi
browser_of_playwright() {
  .venv/bin/python -c 'import os, sys
from playwright.sync_api import sync_playwright
with sync_playwright() as p: sys.exit(not os.path.exists(p.chromium.executable_path))'
}
browser || browser_of_playwright || .venv/bin/python -m playwright install chromium || true
browser || browser_of_playwright || { echo "浏览器测试需要 Chromium，请安装（Debian、Ubuntu：sudo apt install chromium）。" >&2; exit 1; }
chinese || { echo "测试需要中文字体，请安装 Noto Sans CJK（Debian、Ubuntu：sudo apt install fonts-noto-cjk）。" >&2; exit 1; }
office || { echo "测试需要 LibreOffice Calc，请安装（Debian、Ubuntu：sudo apt install libreoffice-calc）。" >&2; exit 1; }
office_python || echo "没有 python3-uno：在 LibreOffice 里做实验的测试会跳过（Debian、Ubuntu：sudo apt install python3-uno）。" >&2
bubblewrap || echo "没有 bubblewrap：这一级沙箱的测试会跳过（Debian、Ubuntu：sudo apt install bubblewrap）。" >&2
postgres || echo "没有 PostgreSQL：这一部分的测试会跳过（Debian、Ubuntu：sudo apt install postgresql）。" >&2
# The bundles are committed; npm only serves the tests that build them again and compare.
npm_there || { echo "没有 npm：重新构建界面脚本并比较的测试会跳过。" >&2; exit 0; }
want="$$(cksum < crmkit/ui/js/package-lock.json)"
if [ "$$(cat crmkit/ui/js/node_modules/.ready 2>/dev/null || true)" != "$$want" ]; then
  echo "安装界面脚本的构建工具……"
  (cd crmkit/ui/js && npm ci --silent --no-audit --no-fund)
  printf '%s' "$$want" > crmkit/ui/js/node_modules/.ready
fi
endef
export TEST_TOOLS

# The browser for the tests; empty: the one that playwright brought.
export CHROMIUM := command -v "$${CRMKIT_CHROMIUM:-chromium-headless-shell}" || command -v chromium || command -v chromium-browser || command -v google-chrome || true
# Three files of tests at a time, for two cores: browsers and time limits mostly wait. The tests of a
# file share what they set up (see tests/conftest.py).
PYTEST = CRMKIT_CHROMIUM="$$(sh -c "$$CHROMIUM")" $(PY) -m pytest -v -n "$${CRMKIT_WORKERS:-3}" --dist loadfile --no-loadscope-reorder

.PHONY: help environment system-tools test-tools start test test-full check datasets notebooks bench lock clean

help:
	@echo "make start       启动课程：中文 JupyterLab 与任务中心（PORT=8888，OPEN=0 不打开浏览器）"
	@echo "make test        静态检查与全部测试"
	@echo "make test-full   同样的测试，数量更大"
	@echo "make check       只做静态检查（ruff、mypy）"
	@echo "make datasets    重新生成三家店铺的数据"
	@echo "make notebooks   由文本源生成章节与实验笔记本"
	@echo "make bench       性能对比"
	@echo "make lock        按 pyproject.toml 更新 requirements.lock"
	@echo "make clean       删除课程环境与临时文件（不动作业、成绩与月报）"

environment:
	@sh -c "$$ENVIRONMENT"

system-tools:
	@sh -c "$$SYSTEM_TOOLS"

# Python's packages and the system's come at the same time.
test-tools:
	@$(MAKE) --no-print-directory -j 2 environment system-tools
	@sh -c "$$TEST_TOOLS"

start: environment
	@exec $(PY) -m crmkit.cli start

# --- tests ---------------------------------------------------------------------------------------
check: test-tools
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

test: check
	$(PYTEST)

test-full: check
	CRMKIT_FULL=1 $(PYTEST)

# --- what is built and committed -----------------------------------------------------------------
datasets: test-tools
	$(PY) -m datasets.generate

notebooks: environment
	$(PY) -m autograder.build

bench: test-tools
	@set -e; for file in benchmarks/bench_*.py; do \
	  [ -e "$$file" ] || { echo "还没有性能对比程序。"; break; }; \
	  echo "== $$file"; $(PY) "$$file"; \
	done

lock: environment
	@$(PY) -m pip install --quiet --no-input uv
	@compile() { out="$$1"; shift; \
	  { echo "# Written by make lock: exact versions for Python 3.11 and later, every platform."; \
	    $(PY) -m uv pip compile --quiet --universal --python-version 3.11 --no-header \
	      --no-annotate --strip-extras --no-emit-index-url "$$@"; } > "$$out.new" && \
	  mv "$$out.new" "$$out"; }; \
	compile requirements.lock pyproject.toml && \
	compile tests/requirements.lock -c requirements.lock tests/requirements.in

clean:
	rm -rf .venv .jupyter .hypothesis .mypy_cache .ruff_cache .pytest_cache artifacts build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

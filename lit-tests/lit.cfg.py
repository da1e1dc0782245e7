# lit's configuration. Loaded by the lit.site.cfg.py of a build, which sets what is read here.
#
# A test may use: %squall, %squall_cc, %gxx, %clangxx, %runtime_include, %runtime_lib, %build_dir, %plugin, and LLVM's FileCheck, not and
# split-file.

import os
import shutil

import lit.formats

config.name = "squall"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".cpp", ".test"]
config.excludes = ["Inputs"]
config.test_source_root = os.path.dirname(__file__)

config.squall_cc = os.path.join(os.path.dirname(config.squall), "squall-cc")
# The word boundary lets one name begin another.
for name in ("squall", "squall_cc", "gxx", "clangxx", "runtime_include", "runtime_lib", "build_dir", "plugin"):
    config.substitutions.append((f"%{name}\\b", getattr(config, name)))

config.environment["PATH"] = os.pathsep.join((config.llvm_tools_dir, os.environ["PATH"]))
config.environment["LC_ALL"] = "C"
# lit empties the environment; a compiler behind ccache needs these to find its cache.
for name in ("HOME", "CCACHE_DIR", "CCACHE_SLOPPINESS"):
    if name in os.environ:
        config.environment[name] = os.environ[name]
if shutil.which("ccache"):
    config.available_features.add("ccache")

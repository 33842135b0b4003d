"""How the service is built, by its recipe with stand-ins for stdenv and crane: what a build on this machine does not show, or only now and then."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Package = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def package(evaluate: Callable[[str], Any]) -> Package:
    """What crane is given, on a Mac or not, for a static system or not."""
    return lambda *, mac="false", static="false": evaluate(f"""recipe "package" {{
      inherit lib;
      stdenv = {{ buildPlatform.isDarwin = {mac}; hostPlatform.isStatic = {static}; }};
      pkgsBuildBuild = {{ stdenv.cc = "clang"; libiconv = "libiconv"; }};
      craneLib = {{ buildDepsOnly = given: given; buildPackage = given: removeAttrs given [ "passthru" ]; }};
      rust = null;
    }}""")


def test_build_scripts_find_a_compiler_and_libiconv_on_a_mac(package: Package) -> None:
    made = package(mac="true", static="true")
    for build in (made, made["cargoArtifacts"]):
        assert build["depsBuildBuild"] == ["clang", "libiconv"]
    assert package()["depsBuildBuild"] == []


def test_the_program_of_an_image_is_static_and_looks_nowhere_for_libraries(package: Package) -> None:
    made = package(static="true")
    assert made["NIX_NO_SELF_RPATH"] is True
    for build in (made, made["cargoArtifacts"]):
        assert build["env"] == {"CARGO_BUILD_RUSTFLAGS": "-C target-feature=+crt-static"}


def test_cargo_leaves_nothing_that_differs_from_build_to_build(package: Package, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/lib.rs").touch()
    (tmp_path / "Cargo.toml").write_text('[package]\nname = "small"\n')
    given = {name: value for name, value in package()["cargoArtifacts"].items() if name.isupper()}
    for target, env in (("kept", {}), ("target", given)):
        command = ["cargo", "build", "--offline", "--target-dir", target]
        subprocess.run(command, cwd=tmp_path, env=os.environ | env, check=True, capture_output=True)
        # Its entries are in a new order each time.
        assert (tmp_path / target / ".rustc_info.json").exists() == (target == "kept")


def test_the_flake_s_checks_fail_for_a_warning_and_where_a_test_cannot_run(evaluate: Callable[[str], Any]) -> None:
    checks = evaluate("""let
      pkgs = { inherit lib; stdenv.hostPlatform.isLinux = true; cacert = "/cacert"; };
      given = arguments: arguments;
      craneLib = { cargoClippy = given; cargoDoc = given; cargoTest = given; buildDepsOnly = given; };
      default = { inherit craneLib; commonArgs = { }; };
      checks = recipe "checks" { inherit pkgs default; image = null; release = null; sources = { }; };
    in { clippy = checks.clippy.cargoClippyExtraArgs; doc = checks.doc.env; tests = checks.tests.env; }""")
    assert checks["clippy"] == "--all-targets -- --deny warnings"
    assert checks["doc"]["RUSTDOCFLAGS"] == "--deny warnings"
    assert checks["tests"]["DYNAMODB_LOCAL"] == checks["tests"]["MOUNT_NAMESPACE"] == "required"
    assert checks["tests"]["SSL_CERT_FILE"] == "/cacert/etc/ssl/certs/ca-bundle.crt"

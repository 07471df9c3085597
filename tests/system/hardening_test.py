#!/usr/bin/env python3
"""The binary that is shipped is hardened: what cmake/hardening.cmake asks for is in it.

Reads the file itself with readelf, and what the compiler was told; nothing is run. Each test names
what would be missing.
"""
import json
import os
import re
import subprocess
import unittest

BINARY = os.environ["COMPONENT_INJECTOR_DEFAULT_BINARY"]
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.dirname(os.path.dirname(os.path.abspath(BINARY)))

ENDBR64 = b"\xf3\x0f\x1e\xfa"  # where an indirect jump may land, with -fcf-protection


def readelf(*options):
    command = ["readelf", "-W", *options, BINARY]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def imported_functions():
    rows = re.findall(r"UND (\w+)", readelf("--dyn-syms"))
    return set(rows)


def is_machine(name):
    return name in re.search(r"Machine:\s+(.*)", readelf("-h"))[1]


class Hardening(unittest.TestCase):
    def test_position_independent_executable(self):
        self.assertRegex(readelf("-h"), r"Type:\s+DYN")
        self.assertRegex(readelf("-l"), r"\bINTERP\b", "a shared library is DYN too")

    def test_relocations_are_read_only_before_main(self):
        self.assertRegex(readelf("-l"), r"\bGNU_RELRO\b")
        self.assertRegex(readelf("-d"), r"\(FLAGS\).*BIND_NOW|\(FLAGS_1\).*NOW",
                         "lazy binding keeps the table of functions writable")

    def test_stack_is_not_executable(self):
        flags = re.search(r"GNU_STACK(?:\s+0x[0-9a-f]+){5}\s+([RWE ]+?)\s+0x", readelf("-l"))
        self.assertIsNotNone(flags, "no GNU_STACK: the kernel then makes it executable")
        self.assertEqual(flags[1], "RW")

    def test_no_segment_is_writable_and_executable(self):
        loads = re.findall(r"LOAD(?:\s+0x[0-9a-f]+){5}\s+([RWE ]+?)\s+0x", readelf("-l"))
        self.assertTrue(loads)
        for flags in loads:
            self.assertFalse("W" in flags and "E" in flags, f"a segment is {flags}")

    def test_stack_protector(self):
        self.assertIn("__stack_chk_fail", imported_functions())

    def test_fortified_functions(self):
        fortified = {name for name in imported_functions() if re.fullmatch(r"__\w+_chk", name)}
        self.assertTrue(fortified - {"__stack_chk_fail"}, "no call of libc is length-checked")

    def test_lengths_known_only_at_run_time_are_checked(self):
        """Level 3. It leaves the same names in the file as level 2, so the compiler's orders are
        read, of each source that the program is made of."""
        with open(os.path.join(BUILD, "compile_commands.json"), encoding="utf-8") as file:
            commands = {os.path.relpath(os.path.join(entry["directory"], entry["file"]), ROOT):
                        entry["command"].split() for entry in json.load(file)}
        ours = {name: command for name, command in commands.items()
                if name.split(os.sep)[0] in ("webhook", "patch", "k8s")}
        self.assertIn(os.path.join("webhook", "front_end.cc"), ours)
        for name, command in ours.items():
            levels = [word for word in command if word.startswith("-D_FORTIFY_SOURCE")]
            self.assertEqual(levels, ["-D_FORTIFY_SOURCE=3"], name)

    def test_compiler_was_told(self):
        """What leaves no mark of its own stands in the debug information, with every option."""
        producers = set(re.findall(r"DW_AT_producer.*: (GNU C\+\+.*|.*clang.*)", readelf(
            "--debug-dump=info", "--dwarf-depth=1")))
        self.assertTrue(producers, "no debug information")
        for producer in producers:
            for option in ("-fstack-protector-strong", "-fstack-clash-protection"):
                self.assertIn(option, producer)

    @unittest.skipUnless(is_machine("X86-64"), "other processors mark other places")
    def test_functions_are_marked_for_indirect_jumps(self):
        """The note IBT in the file would need it of the C library's start files as well, which
        Debian builds without; so our own functions are looked at."""
        sizes = re.findall(r":\s+([0-9a-f]{16})\s+\d+\s+FUNC\s+GLOBAL\s+\S+\s+\d+\s+main\b",
                           readelf("--syms"))
        self.assertEqual(len(sizes), 1, "main is not in the symbol table")
        text = re.search(r"\s\.text\s+PROGBITS\s+([0-9a-f]+)\s+([0-9a-f]+)\s+([0-9a-f]+)",
                         readelf("-S"))
        address, offset, size = (int(part, 16) for part in text.groups())
        with open(BINARY, "rb") as file:
            file.seek(offset)
            code = file.read(size)
        at_main = int(sizes[0], 16) - address
        self.assertEqual(code[at_main:at_main + 4], ENDBR64, "main is not marked")
        self.assertGreater(code.count(ENDBR64), 1000)

    def test_image_is_built_like_this_binary(self):
        dockerfile = os.path.join(os.path.dirname(__file__), "..", "..", "Dockerfile")
        with open(dockerfile, encoding="utf-8") as file:
            text = file.read()
        self.assertEqual(re.findall(r"cmake --preset (\w+)", text), ["release"])
        self.assertNotRegex(text, r"-D(CMAKE_\w*FLAGS|CMAKE_BUILD_TYPE|INJECTOR_)", "another build")


if __name__ == "__main__":
    unittest.main()

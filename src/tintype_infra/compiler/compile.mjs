// Compile the Python files of a folder with Pyodide's CPython: `node compile.mjs 3.14 FOLDER /var/task PART`.
// PART is the folder below FOLDER to compile; "." means all of it.
import { loadPyodide } from "pyodide";

const [version, folder, prefix, part] = process.argv.slice(2);
const python = await loadPyodide();
python.mountNodeFS("/package", folder);
python.globals.set("version", version);
python.globals.set("prefix", prefix);
python.globals.set("part", part);
const compiled = python.runPython(`
import compileall, pathlib, py_compile, sys

here = f"{sys.version_info.major}.{sys.version_info.minor}"
if here != version:
    raise SystemExit(f"this compiler is Python {here}, the functions run on {version}")
compileall.compile_dir(
    pathlib.Path("/package", part), quiet=1, force=True, stripdir="/package", prependdir=prefix,
    invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
)
`);
process.exit(compiled ? 0 : 1);

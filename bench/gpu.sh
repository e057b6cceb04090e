#!/usr/bin/env bash
# Measures training on a GPU, where neither an SDK nor a checkout is needed:
#
#   bench/gpu.sh pack [FILE]        here: publishes Engine.Latency with .NET inside, NVRTC and torch_train.py; FILE: artifacts/gpu.tar.xz
#   tar xf gpu.tar.xz && gpu/run    there: with the GPU's driver, and Python with PyTorch to stand beside; writes gpu/table.txt
#
# Arguments of `run` go to `Engine.Latency train`; without any they are `--backend cuda`. PYTHON names the Python, `none` for none.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD

[[ ${1:-} == pack ]] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
file=$(realpath -m "${2:-artifacts/gpu.tar.xz}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
folder=$work/gpu

dotnet publish bench/Engine.Latency -c Release -r linux-x64 --self-contained -p:InvariantGlobalization=true -p:DebugType=none -p:NeedsNatives=false -o "$folder"
build/provision-nvrtc.sh "$root" || true
for library in libnvrtc-builtins.so.11.8 libnvrtc.so.11.2; do
  [[ ! -f .native/$library ]] || cp ".native/$library" "$folder/"
done

cat > "$folder/run" <<'RUN'
#!/usr/bin/env bash
# Measures training on the GPU of this machine: see bench/gpu.sh.
set -euo pipefail
cd "$(dirname "$0")"
[[ $# -gt 0 ]] || set -- --backend cuda
./Engine.Latency train "$@" --python "${PYTHON:-$(command -v python3 || echo none)}" | tee table.txt
RUN
chmod +x "$folder/run"
mkdir -p "$(dirname "$file")"
tar -C "$work" -cJf "$file" gpu
echo "$file, $(($(stat -c %s "$file") >> 20)) MiB"

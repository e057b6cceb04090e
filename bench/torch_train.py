"""PyTorch's side of `Engine.Latency train --backend ...`: the same networks, losses and optimiser, asked for one measurement a line.

    python3 torch_train.py DEVICE         DEVICE: cuda, or cpu to try it out

Says what it is in one line, or `none: REASON`. Then each line read is answered by one line of JSON:

    rate NETWORK MODE BATCH SECONDS       {"samples_per_s": ..., "step_ms": ...} by the device's own marks
    loss NETWORK MODE BATCH FOLDER TARGET STEPS EVERY
                                          {"seconds": ..., "steps": ..., "loss": ...} until the validation loss is at most TARGET
    ceilings                              {"float32": ..., "tf32": ..., "bytes": ...} operations a second of a large product, bytes of a large copy

NETWORK is lstm or silos. MODE is float32 or tf32 (what cuDNN and cuBLAS may round operands to), or either with +compile for torch.compile.
"""
import json
import os
import sys
import time

try:
    import torch
    from torch import nn
except ImportError as e:
    print(f"none: {e}", flush=True)
    sys.exit(0)

DEVICE = sys.argv[1]
if DEVICE == "cuda" and not torch.cuda.is_available():
    print(f"none: PyTorch {torch.__version__} sees no CUDA device", flush=True)
    sys.exit(0)


class Lstm(nn.Module):
    shape = (50, 10)
    loss = nn.BCEWithLogitsLoss()

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(10, 64, batch_first=True)
        self.norm = nn.BatchNorm1d(64)
        self.hidden = nn.Linear(64, 32)
        self.out = nn.Linear(32, 1)

    def forward(self, x):
        return self.out(torch.relu(self.hidden(self.norm(self.lstm(x)[0][:, -1]))))


class Silos(nn.Module):
    """Twelve silos as one batched product, the fastest of the ways that PyTorch has for them."""

    shape = (120,)
    loss = nn.MSELoss()

    def __init__(self):
        super().__init__()
        sizes = [(10, 10), (10, 10), (10, 2)]
        self.w = nn.ParameterList([nn.Parameter(torch.randn(12, a, b) * (2 / a) ** 0.5) for a, b in sizes])
        self.b = nn.ParameterList([nn.Parameter(torch.zeros(12, 1, b)) for a, b in sizes])
        self.hidden = nn.Linear(24, 10)
        self.out = nn.Linear(10, 1)

    def forward(self, x):
        h = x.view(-1, 12, 10).transpose(0, 1)
        h = torch.relu(torch.baddbmm(self.b[0], h, self.w[0]))
        h = torch.relu(torch.baddbmm(self.b[1], h, self.w[1]))
        h = torch.baddbmm(self.b[2], h, self.w[2])
        return self.out(torch.relu(self.hidden(h.transpose(0, 1).reshape(-1, 24))))


NETWORKS = {"lstm": Lstm, "silos": Silos}
BATCHES = 4
LAST = {}


def finish():
    if DEVICE == "cuda":
        torch.cuda.synchronize()


class Training:
    """A network and its optimiser. Fused Adam where the device has it."""

    def __init__(self, name, mode):
        tf32 = mode.startswith("tf32")
        torch.backends.cuda.matmul.allow_tf32 = tf32
        torch.backends.cudnn.allow_tf32 = tf32
        torch.manual_seed(1)
        self.model = NETWORKS[name]().to(DEVICE)
        self.loss = NETWORKS[name].loss
        self.adam = torch.optim.Adam(self.model.parameters(), **({"fused": True} if DEVICE == "cuda" else {}))
        self.run = torch.compile(self.model, mode="reduce-overhead") if mode.endswith("+compile") else self.model

    def step(self, x, y):
        self.adam.zero_grad(set_to_none=True)
        self.loss(self.run(x), y).backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.adam.step()


def prepare(name, mode, batch):
    """A training that is warm. Compilers keep something of every shape, so only the last one lives."""
    if LAST.get("key") != (name, mode, batch):
        LAST.clear()
        if mode.endswith("+compile"):
            torch._dynamo.reset()
        training = Training(name, mode)
        x = torch.randn(BATCHES, batch, *NETWORKS[name].shape, device=DEVICE)
        y = (torch.rand(BATCHES, batch, 1, device=DEVICE) > 0.5).float()
        for i in range(10):
            training.step(x[i % BATCHES], y[i % BATCHES])
        finish()
        LAST.update(key=(name, mode, batch), all=(training, x, y))
    return LAST["all"]


def rate(name, mode, batch, seconds):
    training, x, y = prepare(name, mode, batch)
    marks = [torch.cuda.Event(enable_timing=True) for _ in range(2)] if DEVICE == "cuda" else None
    steps, chunk = 0, 8
    start = time.perf_counter()
    if marks:
        marks[0].record()
    while steps == 0 or time.perf_counter() - start < seconds:
        for _ in range(chunk):
            training.step(x[steps % BATCHES], y[steps % BATCHES])
            steps += 1
        finish()
    if marks:
        marks[1].record()
    finish()
    elapsed = time.perf_counter() - start
    step_ms = (marks[0].elapsed_time(marks[1]) if marks else elapsed * 1e3) / steps
    return {"samples_per_s": steps * batch / elapsed, "step_ms": step_ms}


def to_loss(name, mode, batch, folder, target, limit, every):
    def read(file, kind):
        with open(os.path.join(folder, file), "rb") as f:
            return torch.frombuffer(bytearray(f.read()), dtype=kind).to(DEVICE)

    shape = NETWORKS[name].shape
    features = read("features.f32", torch.float32).view(-1, shape[-1])
    labels, train, valid = read("labels.f32", torch.float32).view(-1, 1), read("train.i32", torch.int32).long(), read("valid.i32", torch.int32).long()
    window = torch.arange(1 - shape[0], 1, device=DEVICE)

    def rows(index):
        return features[index[:, None] + window] if len(shape) == 2 else features[index]

    def validate(training):
        training.model.eval()
        with torch.no_grad():
            value = training.loss(training.model(rows(valid)), labels[valid]).item()
        training.model.train()
        return value

    # The first training pays for compilers and memory; the second is timed.
    for timed in (False, True):
        training = Training(name, mode)
        finish()
        start = time.perf_counter()
        for step in range(1, (limit if timed else every) + 1):
            index = train[((step - 1) * batch) % (len(train) - batch + 1):][:batch]
            training.step(rows(index), labels[index])
            if step % every == 0:
                loss = validate(training)
                if loss <= target:
                    break
    finish()
    return {"seconds": time.perf_counter() - start, "steps": step, "loss": loss}


def ceilings():
    side = 8192 if DEVICE == "cuda" else 512
    result = {}
    for name in ("float32", "tf32"):
        torch.backends.cuda.matmul.allow_tf32 = name == "tf32"
        a, b = torch.randn(side, side, device=DEVICE), torch.randn(side, side, device=DEVICE)
        result[name] = 2.0 * side ** 3 / best(lambda: torch.mm(a, b))
    a = torch.empty((1 << 28) if DEVICE == "cuda" else 1 << 22, device=DEVICE)
    b = torch.empty_like(a)
    result["bytes"] = 2.0 * 4 * a.numel() / best(lambda: b.copy_(a))
    return result


def best(work):
    work()
    finish()
    times = []
    for _ in range(5):
        start = time.perf_counter()
        work()
        finish()
        times.append(time.perf_counter() - start)
    return min(times)


def answer(words):
    if words[0] == "rate":
        return rate(words[1], words[2], int(words[3]), float(words[4]))
    if words[0] == "loss":
        return to_loss(words[1], words[2], int(words[3]), words[4], float(words[5]), int(words[6]), int(words[7]))
    if words[0] == "ceilings":
        return ceilings()
    raise ValueError(f"'{words[0]}' is none of rate, loss and ceilings")


name = torch.cuda.get_device_name() if DEVICE == "cuda" else "cpu"
print(f"PyTorch {torch.__version__}, CUDA {torch.version.cuda}, cuDNN {torch.backends.cudnn.version()}, {name}", flush=True)
for line in sys.stdin:
    try:
        print(json.dumps(answer(line.split())), flush=True)
    except Exception as e:  # A mode that this PyTorch cannot run is a line of the table, not its end.
        print(json.dumps({"error": str(e).strip().split("\n")[0][:200]}), flush=True)

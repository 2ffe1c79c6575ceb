"""The part of generate.py that makes optim.safetensors: optimizers, clipping and schedules."""

import torch
from golden_file import GoldenFile, numbers
from torch import nn


def train(file, case, rates, make, steps=10, **settings):
    """The parameters a [3, 4] and b [5] after every step, and the state after the last; b has a gradient at some steps
    only. The optimizer has one group, or one for a and one for b."""
    file.begin(case)
    start = {"a": numbers(3, 4), "b": numbers(5)}
    gradients = {"a.grad": numbers(steps, 3, 4), "b.grad": numbers(steps, 5)}
    gradients["a.grad"][:, 0, 0] = 0
    present = torch.rand(steps) < 0.7
    parameters = {k: x.clone().requires_grad_() for k, x in start.items()}
    optimizer = make(parameters.values())
    paths = {k: [] for k in start}
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = rates[step % len(rates)] * group.get("times", 1)
        parameters["a"].grad = gradients["a.grad"][step].clone()
        parameters["b"].grad = gradients["b.grad"][step].clone() if present[step] else None
        optimizer.step()
        for k, path in paths.items():
            path.append(parameters[k].detach().clone())
    file.put("set", {"present": present, "rates": torch.tensor(rates)} | settings)
    file.put("in", {k: x.float() for k, x in (start | gradients).items()})
    file.put("out", {k: torch.stack(path) for k, path in paths.items()})
    state = {f"state.{name}.{k}": v for name, x in parameters.items() for k, v in optimizer.state[x].items()
             if v is not None and k != "step"}  # fmt: skip
    file.put("set", {"states": len(state)})
    file.put("out", state)


def optim():
    file = GoldenFile("optim")
    for case, rates, settings in [
        ("adam", [1e-3], {}),
        ("adam, large steps", [0.1], {}),
        ("adam, changing rate", [0.1, 0.03, 0.5, 0.0], {}),
        ("adam, other momenta", [0.01], dict(beta1=0.5, beta2=0.9)),
        ("adam, large epsilon", [0.05], dict(beta2=0.98, eps=0.1)),
        ("adam, no memory", [0.01], dict(beta1=0.0, beta2=0.0, eps=1e-6)),
        ("adam, decay", [0.1, 0.02], dict(weight_decay=0.1)),
        ("adamw", [1e-3], dict(weight_decay=0.01)),
        ("adamw, large decay", [0.1, 0.03, 0.5, 0.0], dict(weight_decay=0.5)),
        ("adamw, no decay", [0.1], dict(weight_decay=0.0, beta1=0.5, beta2=0.9)),
    ]:
        c = dict(beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.0) | settings
        kind = torch.optim.AdamW if case.startswith("adamw") else torch.optim.Adam
        train(file, case, rates, lambda p: kind(
            p, betas=(c["beta1"], c["beta2"]), eps=c["eps"], weight_decay=c["weight_decay"], foreach=False), **c)  # fmt: skip
    for kind, case, rates, settings in [
        (torch.optim.SGD, "sgd", [0.1], {}),
        (torch.optim.SGD, "sgd, changing rate", [0.1, 0.5, 0.02], {}),
        (torch.optim.SGD, "sgd, decay", [0.1, 0.5, 0.02], dict(weight_decay=0.3)),
        (torch.optim.SGD, "sgd, momentum", [0.1], dict(momentum=0.9)),
        (torch.optim.SGD, "sgd, momentum, changing rate", [0.1, 0.5, 0.02], dict(momentum=0.5)),
        (torch.optim.SGD, "sgd, dampening", [0.1, 0.5, 0.02], dict(momentum=0.9, dampening=0.3)),
        (torch.optim.SGD, "sgd, dampening, decay", [0.1], dict(momentum=0.5, dampening=0.5, weight_decay=0.2)),
        (torch.optim.SGD, "sgd, nesterov", [0.1, 0.5, 0.02], dict(momentum=0.9, nesterov=True)),
        (torch.optim.SGD, "sgd, nesterov, decay", [0.1], dict(momentum=0.8, nesterov=True, weight_decay=0.2)),
        (torch.optim.Adagrad, "adagrad", [0.1], {}),
        (torch.optim.Adagrad, "adagrad, falling rate", [0.1, 0.5], dict(lr_decay=0.2)),
        (torch.optim.Adagrad, "adagrad, a start", [0.1], dict(initial_accumulator_value=0.5)),
        (torch.optim.Adagrad, "adagrad, everything", [0.2, 0.05],
         dict(lr_decay=0.1, initial_accumulator_value=0.1, weight_decay=0.3, eps=0.1)),
        (torch.optim.Adadelta, "adadelta", [1.0], {}),
        (torch.optim.Adadelta, "adadelta, everything", [1.0, 30.0], dict(rho=0.7, eps=1e-3, weight_decay=0.1)),
        (torch.optim.RMSprop, "rms_prop", [0.01], {}),
        (torch.optim.RMSprop, "rms_prop, momentum", [0.01, 0.05], dict(momentum=0.9)),
        (torch.optim.RMSprop, "rms_prop, centered", [0.01, 0.05], dict(centered=True)),
        (torch.optim.RMSprop, "rms_prop, decay", [0.1], dict(alpha=0.6, weight_decay=0.2, eps=0.01)),
        (torch.optim.RMSprop, "rms_prop, everything", [0.02],
         dict(alpha=0.9, momentum=0.5, centered=True, weight_decay=0.2, eps=1e-3)),
    ]:  # fmt: skip
        train(file, case, rates, lambda p: kind(p, foreach=False, **settings), **settings)
    train(file, "groups", [0.1, 0.02], lambda p: torch.optim.AdamW(
        [dict(params=x, times=times, weight_decay=decay) for x, times, decay in zip(p, (1, 3), (0.4, 0.0))],
        foreach=False))  # fmt: skip
    for case, limit, scale in [("clip", 1.0, 1), ("clip to less", 0.01, 1), ("clip, short enough", 100.0, 1),
                               ("clip, long", 5.0, 2**13), ("value", 0.3, 1), ("value, all", 0.0, 1)]:  # fmt: skip
        file.begin(case)
        parameters = [torch.zeros(shape).requires_grad_() for shape in [(3, 4), (5,), ()]]
        for parameter in parameters:
            parameter.grad = numbers(*parameter.shape, scale=scale)
        file.put("in", {f"{i}.grad": p.grad.float() for i, p in enumerate(parameters)})
        file.put("set", {"limit": limit})
        if case.startswith("value"):
            nn.utils.clip_grad_value_(parameters, limit, foreach=False)
        else:
            file.put("set", {"norm": nn.utils.clip_grad_norm_(parameters, limit, foreach=False)})
        file.put("out", {f"{i}.grad": p.grad for i, p in enumerate(parameters)})
    schedules(file)
    file.save()


def schedules(file):
    """The learning rate of every step, with 1 as the base rate."""
    schedule = torch.optim.lr_scheduler
    for case, steps, make in [
        ("schedule, step", 20, lambda o: schedule.StepLR(o, 6, 0.3)),
        ("schedule, cosine", 21, lambda o: schedule.CosineAnnealingLR(o, 20)),
        ("schedule, cosine to a tenth", 8, lambda o: schedule.CosineAnnealingLR(o, 7, eta_min=0.1)),
        ("schedule, linear", 14, lambda o: schedule.LinearLR(o, 1.0, 0.0, 12)),
        ("schedule, one cycle", 20, lambda o: schedule.OneCycleLR(o, 1.0, 20, cycle_momentum=False)),
        ("schedule, one cycle, other settings", 17, lambda o: schedule.OneCycleLR(
            o, 1.0, 17, pct_start=0.45, div_factor=10.0, final_div_factor=100.0, cycle_momentum=False)),
        ("schedule, warm-up, cosine", 15, lambda o: schedule.SequentialLR(
            o, [schedule.LinearLR(o, 0.25, 1.0, 3), schedule.CosineAnnealingLR(o, 11)], [4])),
        ("schedule, inverse square root", 30, lambda o: schedule.LambdaLR(
            o, lambda k: min((k + 1) ** -0.5, (k + 1) * 8**-1.5) * 8**0.5)),
    ]:  # fmt: skip
        file.begin(case)
        optimizer = torch.optim.SGD([torch.zeros(1).requires_grad_()], lr=1.0)
        scheduler, rates = make(optimizer), []
        for _ in range(steps):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
        file.put("out", {"factors": torch.tensor(rates)})
    for case, settings in [("plateau", dict(patience=2)), ("plateau, larger", dict(patience=1, mode="max")),
                           ("plateau, cooldown", dict(patience=1, factor=0.5, cooldown=3, threshold=0.05, min_lr=0.1))]:  # fmt: skip
        file.begin(case)
        optimizer = torch.optim.SGD([torch.zeros(1).requires_grad_()], lr=1.0)
        scheduler = schedule.ReduceLROnPlateau(optimizer, **settings)
        metrics, rates = 1 + numbers(15) / (1 + torch.arange(15)), []
        for metric in metrics:
            scheduler.step(metric)
            rates.append(optimizer.param_groups[0]["lr"])
        state = {k: scheduler.state_dict()[k] for k in ("best", "num_bad_epochs", "cooldown_counter")}
        file.put("set", {"metrics": metrics} | {k: v for k, v in settings.items() if k != "mode"})
        file.put("out", {"factors": torch.tensor(rates)} | {k: torch.tensor(v) for k, v in state.items()})

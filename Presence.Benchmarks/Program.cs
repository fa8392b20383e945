using BenchmarkDotNet.Running;
using Presence.Benchmarks;

if (args is ["smoke", .. var rest])
    return await Smoke.Run(rest);

BenchmarkSwitcher.FromAssembly(typeof(Smoke).Assembly).Run(args);
return 0;

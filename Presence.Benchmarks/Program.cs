using BenchmarkDotNet.Running;
using Presence.Benchmarks;
using Presence.Benchmarks.Faults;
using Presence.Benchmarks.Fuzz;
using Presence.Benchmarks.Smoke;

switch (args)
{
    case ["smoke", .. var rest]:
        return await SmokeRun.Run(rest);
    case ["faults", .. var rest]:
        return await FaultSuite.Run(rest);
    case ["cluster", .. var rest]:
        return await LocalCluster.Run(rest);
    case ["fuzz", .. var rest]:
        return FuzzRun.Run(rest);
    case ["import", .. var stores]:
        await StoreBenchmarks.Run(stores, ImportBenchmark.Import);
        break;
    case ["load", .. var stores]:
        await StoreBenchmarks.Run(stores, LoadBenchmark.Load);
        break;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(BenchmarksAssembly).Assembly).Run(args);
        break;
}

return 0;

namespace Presence.Benchmarks
{
    /// <summary>Names this assembly; the host has a Program of its own.</summary>
    internal static class BenchmarksAssembly;
}

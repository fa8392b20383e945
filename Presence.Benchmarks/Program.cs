using BenchmarkDotNet.Running;
using Presence.Benchmarks;
using Presence.Benchmarks.Faults;
using Presence.Benchmarks.Fuzz;
using Presence.Benchmarks.Privacy;
using Presence.Benchmarks.Siege;
using Presence.Benchmarks.Smoke;

switch (args)
{
    case ["smoke", .. var rest]:
        return await SmokeRun.Run(rest);
    case ["faults", .. var rest]:
        return await FaultSuite.Run(rest);
    case ["siege", .. var rest]:
        return await SiegeRun.Run(rest);
    case ["privacy", .. var rest]:
        return await PrivacyRun.Run(rest);
    case ["blocks", .. var rest]:
        return await BlockRun.Run(rest);
    case ["timing", .. var rest]:
        return await TimingRun.Run(rest);
    case ["cluster", .. var rest]:
        return await LocalCluster.Run(rest);
    case ["stored", .. var rest]:
        return await StoredRun.Run(rest);
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

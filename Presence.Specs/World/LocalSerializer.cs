using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Serialization;

namespace Presence.Specs.World;

/// <summary>Hands over what never leaves a process, where the specs have every message serialized; made by Akka.</summary>
public sealed class LocalSerializer(ExtendedActorSystem system) : Serializer(system)
{
    private readonly ConcurrentDictionary<int, object> _handedOver = new();
    private int _last;

    public override int Identifier => 8086;

    public override bool IncludeManifest => false;

    public override byte[] ToBinary(object obj)
    {
        var number = Interlocked.Increment(ref _last);
        _handedOver[number] = obj;
        return BitConverter.GetBytes(number);
    }

    public override object FromBinary(byte[] bytes, Type type) =>
        _handedOver.TryRemove(BitConverter.ToInt32(bytes), out var obj) ? obj : throw new ArgumentException("read twice");
}

namespace Presence.Actors;

/// <summary>Names this assembly for whoever must find it by type.</summary>
internal static class AssemblyMarker;

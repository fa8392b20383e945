using System.Text.Json.Serialization;
using Presence.Actors.Conversations;
using Presence.Actors.Events;
using Presence.Actors.Hub;
using Presence.Actors.Identity;
using Presence.Actors.Loading;
using Presence.Actors.Nodes;
using Presence.Actors.Users;
using Presence.Core.Users;

namespace Presence.Actors.Serialization;

/// <summary>How messages between nodes, and facts in the journal, are written. Read first, write a release later; extend, never alter.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    Converters = [typeof(PlatformStatusesConverter), typeof(UserIdsConverter)]
)]
[JsonSerializable(typeof(StatusChosen))]
[JsonSerializable(typeof(PrivacyChosen))]
[JsonSerializable(typeof(Refused))]
[JsonSerializable(typeof(Done))]
[JsonSerializable(typeof(GetPresence))]
[JsonSerializable(typeof(PresenceIs))]
[JsonSerializable(typeof(UpdatePresence))]
[JsonSerializable(typeof(PresenceUpdated))]
[JsonSerializable(typeof(HeartbeatByHttp))]
[JsonSerializable(typeof(Users.Type), TypeInfoPropertyName = "TypeMessage")]
[JsonSerializable(typeof(TypingAccepted))]
[JsonSerializable(typeof(GetTypingSeenBy))]
[JsonSerializable(typeof(GetPrivacy))]
[JsonSerializable(typeof(SetPrivacy))]
[JsonSerializable(typeof(PrivacyIs))]
[JsonSerializable(typeof(GetDevices))]
[JsonSerializable(typeof(DevicesAre))]
[JsonSerializable(typeof(RemoveDevice))]
[JsonSerializable(typeof(DisconnectUser))]
[JsonSerializable(typeof(Explain))]
[JsonSerializable(typeof(Explanation))]
[JsonSerializable(typeof(AttachDevice))]
[JsonSerializable(typeof(DeviceAttached))]
[JsonSerializable(typeof(AttachRefused))]
[JsonSerializable(typeof(DetachDevice))]
[JsonSerializable(typeof(DeviceDetached))]
[JsonSerializable(typeof(AmIMember))]
[JsonSerializable(typeof(Vouch))]
[JsonSerializable(typeof(DeviceHeard))]
[JsonSerializable(typeof(Watch))]
[JsonSerializable(typeof(WatchRefused))]
[JsonSerializable(typeof(Unwatch))]
[JsonSerializable(typeof(PresenceChanged))]
[JsonSerializable(typeof(OwnPresenceChanged))]
[JsonSerializable(typeof(ContactsAre))]
[JsonSerializable(typeof(EndConnection))]
[JsonSerializable(typeof(StopUser))]
[JsonSerializable(typeof(EventPosted))]
[JsonSerializable(typeof(EventsFor))]
[JsonSerializable(typeof(EventsTaken))]
[JsonSerializable(typeof(AcknowledgeEvent))]
[JsonSerializable(typeof(SetTyping))]
[JsonSerializable(typeof(EndTyping))]
[JsonSerializable(typeof(GetTyping))]
[JsonSerializable(typeof(TypingIs))]
[JsonSerializable(typeof(EntityBegun))]
[JsonSerializable(typeof(TypingChanged))]
[JsonSerializable(typeof(ParticipantsAre))]
[JsonSerializable(typeof(ParticipantsHere))]
[JsonSerializable(typeof(StopConversation))]
[JsonSerializable(typeof(ContactsChanged))]
[JsonSerializable(typeof(ParticipantsChanged))]
[JsonSerializable(typeof(TokensRevoked))]
[JsonSerializable(typeof(GetStats))]
[JsonSerializable(typeof(NodeStats))]
[JsonSerializable(typeof(EraseUser))]
[JsonSerializable(typeof(ForgetUser))]
[JsonSerializable(typeof(UserErased))]
internal sealed partial class WireJson : JsonSerializerContext;

namespace Presence.Core.Errors;

/// <summary>The stable codes of refusals, the same in WebSocket <c>error</c> frames and in HTTP problem details.</summary>
public static class ErrorCodes
{
    /// <summary>The text is no JSON object, or an object names a key twice.</summary>
    public const string MalformedJson = "malformed_json";

    /// <summary>The frame's <c>type</c> is not of the contract.</summary>
    public const string UnknownType = "unknown_type";

    /// <summary>A field is missing, of the wrong type or out of range; the message names it.</summary>
    public const string InvalidPayload = "invalid_payload";

    /// <summary>The status is none of <c>online away busy invisible offline</c>.</summary>
    public const string InvalidStatus = "invalid_status";

    /// <summary>An id of the wrong type or form.</summary>
    public const string InvalidId = "invalid_id";

    /// <summary>More ids than the request, or the socket, may name.</summary>
    public const string TooManyIds = "too_many_ids";

    /// <summary>The caller does not take part in the conversation, or there is none of that name.</summary>
    public const string NotAParticipant = "not_a_participant";

    /// <summary>Nobody is known to be calling.</summary>
    public const string Unauthenticated = "unauthenticated";

    /// <summary>The caller is known and may not.</summary>
    public const string Forbidden = "forbidden";

    /// <summary>There is no such thing.</summary>
    public const string NotFound = "not_found";

    /// <summary>The route exists, not with this method.</summary>
    public const string MethodNotAllowed = "method_not_allowed";

    /// <summary>The message or body is over its limit.</summary>
    public const string TooLarge = "too_large";

    /// <summary>The body is not of the media type that the route takes.</summary>
    public const string UnsupportedMediaType = "unsupported_media_type";

    /// <summary>The route serves WebSockets, and the request asks for none.</summary>
    public const string UpgradeRequired = "upgrade_required";

    /// <summary>Too often; <c>retry_after</c> tells when again.</summary>
    public const string RateLimited = "rate_limited";

    /// <summary>Something that this needs, the database most often, is out of reach; nothing was promised.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>No answer in time; whether it was done is not known.</summary>
    public const string Timeout = "timeout";

    /// <summary>More devices than one user may have connected.</summary>
    public const string TooManyDevices = "too_many_devices";

    /// <summary>A fault of the server's own.</summary>
    public const string Internal = "internal";
}

using Microsoft.Extensions.Primitives;
using Presence.Core.Errors;
using Presence.Core.Users;

namespace Presence.Host.Identity;

/// <summary>What a request says in its headers of who calls; in the query too on the routes of the socket and of server-sent events, since a browser cannot set headers there.</summary>
internal sealed class CallerFields(HttpRequest request)
{
    private readonly bool _fromQuery = IdentityHeaders.MayBeInQuery(request);

    /// <summary>The first text that was no good.</summary>
    private string? _bad;

    public delegate bool TryParse<T>(string? text, out T id);

    /// <summary>What the request says of the device that calls, or why that can't be read.</summary>
    public static Refusal? Device(HttpRequest request, out DeviceId? device, out DeviceInfo info) =>
        new CallerFields(request).Device(out device, out info);

    /// <summary>The same.</summary>
    public Refusal? Device(out DeviceId? device, out DeviceInfo info)
    {
        info = DeviceInfo.Empty;
        if (!TryId(IdentityHeaders.DeviceId, "device_id", DeviceId.TryParse, out device))
        {
            return Refusal.InvalidId(IdentityHeaders.DeviceId);
        }

        info = new DeviceInfo(
            Text(IdentityHeaders.DeviceName, "device_name"),
            Token(IdentityHeaders.DeviceType, "device_type"),
            Token(IdentityHeaders.DevicePlatform, "device_platform"),
            Token(IdentityHeaders.AppVersion, "app_version")
        );
        return _bad is { } field
            ? Refusal.InvalidPayload(
                field,
                $"one text of at most {DeviceInfo.MaxLength} characters, no control characters; ASCII and no comma but in a name"
            )
            : null;
    }

    /// <summary>The id, or null where there is none; false where it has the wrong form, or there are several.</summary>
    public bool TryId<T>(string header, string? query, TryParse<T> parse, out T? id)
        where T : struct
    {
        var values = Values(header, query);
        var valid = values.Count == 1 & parse(values.Count == 1 ? values[0] : null, out var parsed);
        id = valid ? parsed : null;
        return valid || values.Count == 0;
    }

    private string? Text(string header, string query)
    {
        var values = Values(header, query);
        if (values.Count > 1 || values.ToString() is { } text && (text.Length > DeviceInfo.MaxLength || text.Any(char.IsControl)))
        {
            _bad ??= header;
        }

        return StringValues.IsNullOrEmpty(values) ? null : values.ToString();
    }

    /// <summary>A text with nothing in it that two values joined by a gateway would have.</summary>
    private string? Token(string header, string query)
    {
        var text = Text(header, query);
        if (text?.Any(character => character is ',' or > '~') == true)
        {
            _bad ??= header;
        }

        return text;
    }

    private StringValues Values(string header, string? query)
    {
        var values = request.Headers[header];
        return values.Count == 0 && _fromQuery && query is not null ? request.Query[query] : values;
    }
}

namespace Presence.Host.Operations;

/// <summary>Who may ask what an operator, a balancer or a developer asks. Configuration section <c>Presence:Operations</c>; each is <c>anyone</c> or <c>service</c>.</summary>
public sealed record OperationsOptions
{
    /// <summary>Whoever reaches the port.</summary>
    public const string Anyone = "anyone";

    /// <summary>A backend alone.</summary>
    public const string Service = "service";

    /// <summary>Who may ask <c>/health</c> and those below it (default: <c>anyone</c>; a probe of Kubernetes shows no key).</summary>
    public string HealthAccess { get; init; } = Anyone;

    /// <summary>Who may read <c>/metrics</c> (default: <c>anyone</c>; they name no user).</summary>
    public string MetricsAccess { get; init; } = Anyone;

    /// <summary>Who may read <c>/openapi.json</c>, <c>/asyncapi.json</c> and <c>/docs</c> (default: <c>anyone</c>).</summary>
    public string DocumentsAccess { get; init; } = Anyone;

    /// <summary>What is wrong with these, each with what to write instead; empty where nothing is.</summary>
    public IEnumerable<string> Problems() =>
        from option in new[]
        {
            (Key: nameof(HealthAccess), Value: HealthAccess),
            (Key: nameof(MetricsAccess), Value: MetricsAccess),
            (Key: nameof(DocumentsAccess), Value: DocumentsAccess),
        }
        where option.Value is not (Anyone or Service)
        select $"Presence:Operations:{option.Key} is '{option.Value}': write {Anyone} or {Service}";
}

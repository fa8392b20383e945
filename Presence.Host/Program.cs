using Presence.Host;

return await PresenceServer.Run(args);

/// <summary>The service's entry point; public so that specs can start the real host.</summary>
public partial class Program;

var builder = WebApplication.CreateBuilder(args);
var app = builder.Build();
await app.RunAsync();

/// <summary>The service's entry point; public so that specs can start the real host.</summary>
public partial class Program;

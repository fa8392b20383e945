using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Presence.Specs.Journeys;
using Presence.Specs.Support;

namespace Presence.Specs.Edge;

/// <summary>A real nginx or HAProxy with the configuration of <c>deploy/</c>, before a server of the specs, on a port of this machine. It knows one session, Alice's.</summary>
internal sealed class Gateway : IAsyncDisposable
{
    /// <summary>The cookie of Alice's session.</summary>
    public const string Session = "session=s-alice";

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _said = [];
    private Process? _process;

    private Gateway(int port) => Address = new Uri($"https://127.0.0.1:{port}");

    public Uri Address { get; }

    /// <summary>Why there is none of that name; null where there is one.</summary>
    public static string? Missing(string name) => Find(name) is null ? $"gateway specs, {name} is not on this machine" : null;

    /// <summary>What it has written of requests.</summary>
    public string Log
    {
        get
        {
            lock (_said)
            {
                var files = Directory.EnumerateFiles(_folder.Path, "*.log").Select(File.ReadAllText);
                return string.Join('\n', files.Concat(_said));
            }
        }
    }

    public static async Task<Gateway> Start(string name, Uri server, string secret, string example = "presence")
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var gateway = new Gateway(((IPEndPoint)free.LocalEndpoint).Port);
        free.Stop();
        var certificate = Certificate.In(gateway._folder.Path);
        string[] command =
            name == "nginx" ? gateway.Nginx(example, server, secret, certificate) : gateway.HAProxy(example, server, secret, certificate);
        gateway.Begin(Find(name)!, command);
        await gateway.Listening();
        return gateway;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            if (!process.HasExited)
            {
                process.Kill();
                await process.WaitForExitAsync();
            }

            process.Dispose();
        }

        _folder.Dispose();
    }

    private string[] Nginx(string example, Uri server, string secret, Certificate certificate)
    {
        var users = Write("users.map", "s-alice alice;\n");
        var site = Write(
            "presence.conf",
            Filled($"deploy/nginx/{example}.conf", server, secret)
                .Replace("listen 443 ssl", $"listen 127.0.0.1:{Address.Port} ssl", StringComparison.Ordinal)
                .Replace("/etc/nginx/presence-users.map", users, StringComparison.Ordinal)
                .Replace("/etc/nginx/presence.crt", certificate.Path, StringComparison.Ordinal)
                .Replace("/etc/nginx/presence.key", certificate.KeyPath, StringComparison.Ordinal)
                .Replace("/var/log/nginx", _folder.Path, StringComparison.Ordinal)
        );
        var folder = _folder.Path;
        var main = Write(
            "nginx.conf",
            $$"""
            daemon off;
            master_process off;
            pid {{folder}}/pid;
            error_log stderr warn;
            events { worker_connections 1024; }
            http {
                access_log off;
                client_body_temp_path {{folder}}/body;
                proxy_temp_path {{folder}}/proxy;
                fastcgi_temp_path {{folder}}/fastcgi;
                uwsgi_temp_path {{folder}}/uwsgi;
                scgi_temp_path {{folder}}/scgi;
                include {{site}};
            }
            """
        );
        return ["-p", folder, "-e", "stderr", "-c", main];
    }

    private string[] HAProxy(string example, Uri server, string secret, Certificate certificate)
    {
        var users = Write("users.map", "s-alice alice\n");
        var file = Write(
            "haproxy.cfg",
            Filled($"deploy/haproxy/{example}.cfg", server, secret)
                .Replace("bind :443", $"bind 127.0.0.1:{Address.Port}", StringComparison.Ordinal)
                .Replace("/etc/haproxy/presence-users.map", users, StringComparison.Ordinal)
                .Replace("/etc/haproxy/presence.pem", certificate.Joined(), StringComparison.Ordinal)
        );
        return ["-db", "-f", file];
    }

    private static string Filled(string file, Uri server, string secret) =>
        Repository
            .Read(file)
            .Replace("127.0.0.1:8085", server.Authority, StringComparison.Ordinal)
            .Replace("write-your-own-secret-here", secret, StringComparison.Ordinal);

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.Path, name);
        File.WriteAllText(path, text);
        return path;
    }

    private void Begin(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{program} could not be started");
        _process.ErrorDataReceived += Keep;
        _process.OutputDataReceived += Keep;
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_said)
        {
            _said.Add(line.Data ?? "");
        }
    }

    private async Task Listening()
    {
        for (var attempt = 0; attempt < 200 && !_process!.HasExited; attempt++)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(Address.Host, Address.Port);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(50);
            }
        }

        lock (_said)
        {
            throw new InvalidOperationException($"the gateway does not listen: {string.Join('\n', _said)}");
        }
    }

    /// <summary>Debian keeps both where not everybody's PATH leads.</summary>
    private static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .Concat(["/usr/sbin", "/usr/local/sbin"])
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
}

using System.Net.Sockets;
using Fleet.Coordinator.Configuration;
using Fleet.Coordinator.Storage;

namespace Fleet.Coordinator.Hosting;

/// <summary><c>fleet-coordinator check</c>: checks everything that a start needs, and changes nothing.</summary>
internal static class CoordinatorCheck
{
    /// <returns>True if nothing is wrong.</returns>
    public static bool Run(CoordinatorOptions options, TextWriter output)
    {
        var well = true;
        output.WriteLine("ok    configuration");
        well &= Line(output, "store", () => options.Database is { } database
            ? PostgresEngine.Check(StorageSetup.Connection(database))
            : SqliteDatabase.Check(Path.Combine(options.StateDirectory, SqliteDatabase.FileName)));
        foreach (var endpoint in options.HttpListen is { } http ? [.. options.Listen, http] : options.Listen)
        {
            well &= Line(output, $"listen {endpoint}", () =>
            {
                try
                {
                    using var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                    socket.Bind(endpoint);
                    return "free";
                }
                catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
                {
                    return "in use: by this coordinator if it runs (ss -ltnp shows who it is)";
                }
                catch (SocketException exception)
                {
                    throw new StoreException($"cannot be bound: {exception.Message}; is the address one of this machine's?", exception);
                }
            });
        }

        return well;
    }

    private static bool Line(TextWriter output, string what, Func<string> check)
    {
        try
        {
            output.WriteLine($"ok    {what}: {check()}");
            return true;
        }
        catch (StoreException exception)
        {
            output.WriteLine($"WRONG {what}: {exception.Message}");
            return false;
        }
    }
}

using System.Reflection;
using Fleet.Coordinator.Storage;

namespace Fleet.Coordinator.Hosting;

/// <summary>The versions of the libraries that the coordinator has loaded.</summary>
internal static class RuntimeVersions
{
    /// <returns>One line, for example "Orleans 10.4.2, gRPC 2.85.0, SQLite 3.40.1, .NET 10.0.12".</returns>
    public static string Describe()
    {
        string sqlite;
        try
        {
            NativeSqlite.EnsureLoaded();
            sqlite = SQLitePCL.raw.sqlite3_libversion().utf8_to_string();
        }
        catch (StoreException)
        {
            sqlite = "(not installed)";
        }

        return $"Orleans {Of(typeof(Grain))}, gRPC {Of(typeof(Grpc.AspNetCore.Server.GrpcServiceOptions))}, "
            + $"SQLite {sqlite}, .NET {Environment.Version}";
    }

    private static string Of(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+', ' ')[0].TrimEnd('.')
        ?? "of unknown version";
}

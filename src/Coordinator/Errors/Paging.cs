using System.Buffers.Text;
using System.Text;
using Google.Protobuf;
using Grpc.Core;

namespace Fleet.Coordinator.Errors;

/// <summary>Pages of lists: sizes, and tokens that are opaque to callers.</summary>
internal static class Paging
{
    private const int DefaultSize = 100;
    private const int MaxSize = 1_000;

    /// <summary>Most bytes of one page: clients in other languages accept 4 MiB.</summary>
    public const long MaxPageBytes = 3 * 1024 * 1024;

    /// <summary>The number of items on a page: 0 means the default, 100; more than 1,000 means 1,000.</summary>
    /// <exception cref="RpcException">The size is negative.</exception>
    public static int Size(int requested) => requested switch
    {
        0 => DefaultSize,
        < 0 => throw FleetError.InvalidArgument("page_size", "must not be negative"),
        _ => Math.Min(requested, MaxSize),
    };

    /// <summary>
    /// How many messages of a page are sent, beginning with the first: as many as were asked for and fit, but at least one.
    /// </summary>
    public static int Fit<T>(IReadOnlyList<T> messages, int size)
        where T : IMessage
    {
        var bytes = 0L;
        for (var i = 0; i < Math.Min(size, messages.Count); i++)
        {
            bytes += messages[i].CalculateSize() + 8;
            if (bytes > MaxPageBytes && i > 0)
            {
                return i;
            }
        }

        return Math.Min(size, messages.Count);
    }

    public static string Token(string position) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(position));

    /// <summary>The position that a token stands for.</summary>
    /// <exception cref="RpcException">The token was not made by this server.</exception>
    public static string Read(string token)
    {
        try
        {
            return Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token));
        }
        catch (FormatException)
        {
            throw Invalid();
        }
    }

    public static RpcException Invalid() =>
        FleetError.InvalidArgument("page_token", "is not a next_page_token of this list", "leave it empty to start over");
}

using System.Security.Cryptography;
using System.Text;
using Fleet.Coordinator.Errors;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Fleet.Coordinator.State.Runs;

/// <summary>Requests that started runs, by their request_id: a repeated request starts nothing new and gets the same answer.</summary>
internal static class StartRequests
{
    /// <exception cref="RpcException">The request_id is not a UUID.</exception>
    public static void Check(string requestId)
    {
        if (!Guid.TryParse(requestId, out _))
        {
            throw FleetError.InvalidArgument("request_id", "is required: a UUID, a new one for each request that is not a repetition");
        }
    }

    /// <returns>The runs that it started before, as far as they still exist; null if the request is new.</returns>
    /// <exception cref="RpcException">The request_id was used for another request.</exception>
    public static List<RunRow>? Repeated(StoreTransaction transaction, string requestId, IMessage request)
    {
        var known = transaction.First(
            "SELECT request_hash, response FROM requests WHERE request_id = $id",
            static row => ((byte[])row.GetValue(0), (byte[])row.GetValue(1)),
            ("$id", requestId));
        if (known.Item1 is null)
        {
            return null;
        }

        if (!known.Item1.AsSpan().SequenceEqual(Hash(request)))
        {
            throw FleetError.Create(
                StatusCode.AlreadyExists,
                Reason.RequestIdReused,
                "this request_id came with a different request before",
                "make a new UUID for each thing you want");
        }

        return [.. Encoding.ASCII.GetString(known.Item2).Split(',').Select(id => RunStore.Find(transaction, id)).OfType<RunRow>()];
    }

    public static void Remember(
        StoreTransaction transaction,
        string requestId,
        string method,
        IMessage request,
        IEnumerable<RunRow> runs
    ) =>
        transaction.Execute(
            "INSERT INTO requests (request_id, method, request_hash, response, at) VALUES ($id, $method, $hash, $response, $now)",
            ("$id", requestId),
            ("$method", method),
            ("$hash", Hash(request)),
            ("$response", Encoding.ASCII.GetBytes(string.Join(',', runs.Select(run => run.RunId)))),
            ("$now", transaction.Now.ToColumn()));

    /// <summary>Deletes requests that came before an instant, some at a time.</summary>
    public static void Forget(StoreTransaction transaction, DateTimeOffset before) =>
        transaction.Execute(
            "DELETE FROM requests WHERE request_id IN (SELECT request_id FROM requests WHERE at < $limit LIMIT 5000)",
            ("$limit", before.ToColumn()));

    /// <exception cref="RpcException">The host has no room for one more waiting run.</exception>
    public static void CheckQueue(StoreReader reader, string hostId, string hostName, int most)
    {
        if (RunStore.QueueLength(reader, hostId) >= most)
        {
            throw FleetError.Create(
                StatusCode.ResourceExhausted,
                Reason.QueueFull,
                $"{most} runs already wait for {hostName}; nothing was started",
                "wait until some have run, or cancel them (`fleet runs --host`)");
        }
    }

    private static byte[] Hash(IMessage request) => SHA256.HashData(request.ToByteArray());
}

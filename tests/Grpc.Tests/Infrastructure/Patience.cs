using Grpc.Core;

namespace Fleet.Grpc.Tests.Infrastructure;

/// <summary>Limits on waits, so that a hang is a failed test.</summary>
internal static class Patience
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static Task InTimeAsync(this Task task) => task.WaitAsync(Limit);

    public static Task<T> InTimeAsync<T>(this Task<T> task) => task.WaitAsync(Limit);

    public static Task<T> InTimeAsync<T>(this AsyncUnaryCall<T> call) => call.ResponseAsync.WaitAsync(Limit);

    /// <summary>The error that a call ends with.</summary>
    public static async Task<RpcException> FailsAsync(this Task task) =>
        await Assert.ThrowsAnyAsync<RpcException>(() => task.InTimeAsync());
}

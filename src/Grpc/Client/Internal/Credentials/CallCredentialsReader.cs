using Grpc.Core;

namespace Grpc.Net.Client.Internal.Credentials;

/// <summary>Collects the interceptors that call credentials consist of, in order.</summary>
internal sealed class CallCredentialsReader : CallCredentialsConfiguratorBase
{
    private readonly List<AsyncAuthInterceptor> _interceptors = [];

    public static IReadOnlyList<AsyncAuthInterceptor> Read(IEnumerable<CallCredentials> credentials)
    {
        var reader = new CallCredentialsReader();
        foreach (var one in credentials)
        {
            one.InternalPopulateConfiguration(reader, reader);
        }

        return reader._interceptors;
    }

    public override void SetCompositeCredentials(object state, IReadOnlyList<CallCredentials> credentials)
    {
        foreach (var one in credentials)
        {
            one.InternalPopulateConfiguration(this, state);
        }
    }

    public override void SetAsyncAuthInterceptorCredentials(object state, AsyncAuthInterceptor interceptor) =>
        _interceptors.Add(interceptor);
}

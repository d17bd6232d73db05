using Fleet.Protocol.V1;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.Reflection;
using Grpc.Core;

namespace Fleet.Coordinator.Tests.Storage.Plans;

/// <summary>
/// Every call that reads, with every combination of its filters, made from the descriptors: a call or a filter that is new is called too,
/// or, if nothing is known to put into it, fails the test.
/// </summary>
internal static class ListRequests
{
    /// <summary>Calls that read. All the others of the three services are named in <see cref="Others"/>.</summary>
    private static readonly string[] Reading =
    [
        "GetStatus",
        "ListHosts",
        "GetHost",
        "ListPolicies",
        "GetPolicy",
        "ListRuns",
        "GetRun",
        "ListRunLog",
        "ListSnapshots",
        "ListJoinTokens",
        "ListOperators",
        "WhoAmI",
        "ListAudit",
        "Subscribe",
    ];

    private static readonly string[] Others =
    [
        // They read files of metrics or what a host told last.
        "GetStorage", "GetLatestMetrics", "QueryMetrics",

        // They change something, or follow one run.
        "ClearDuplicateIdentity",
        "ApplyPolicies",
        "DeletePolicy",
        "StartRun",
        "StartAction",
        "WatchRun",
        "CancelRun",
        "CreateJoinToken",
        "RevokeJoinToken",
        "CreateOperator",
        "RemoveOperator",
        "RemoveHost",
        "AcceptClock",
    ];

    /// <summary>Fields that say how much is sent, not what.</summary>
    private static readonly string[] NoFilters = ["page_size", "page_token", "after_sequence", "replay_only", "heartbeat_interval"];

    private static readonly ServiceDescriptor[] Services = [FleetService.Descriptor, EventService.Descriptor, AdminService.Descriptor];

    /// <summary>Names of calls that nobody has said anything about.</summary>
    public static IEnumerable<string> Unknown() =>
        Services.SelectMany(static service => service.Methods).Select(static method => method.Name).Except(Reading).Except(Others);

    /// <param name="values">What to put into each filter, by the name of its field; more than one: each in turn.</param>
    public static IEnumerable<(MethodDescriptor Method, IMessage Request)> All(IReadOnlyDictionary<string, object[]> values)
    {
        foreach (var method in Services.SelectMany(static service => service.Methods).Where(static method => Reading.Contains(method.Name)))
        {
            var filters = method.InputType.Fields.InDeclarationOrder().Where(static field => !NoFilters.Contains(field.Name)).ToList();
            foreach (var request in Combinations(method.InputType, filters, values))
            {
                if (request is SubscribeRequest subscribe)
                {
                    subscribe.ReplayOnly = true;
                }

                yield return (method, request);
            }
        }
    }

    public static async Task<IMessage?> CallAsync(CallInvoker invoker, MethodDescriptor method, IMessage request)
    {
        var client = method.Service.Name switch
        {
            "FleetService" => (ClientBase)new FleetService.FleetServiceClient(invoker),
            "EventService" => new EventService.EventServiceClient(invoker),
            _ => new AdminService.AdminServiceClient(invoker),
        };
        if (method.IsServerStreaming)
        {
            using var stream = ((EventService.EventServiceClient)client).Subscribe((SubscribeRequest)request);
            while (await stream.ResponseStream.MoveNext(CancellationToken.None))
            {
            }

            return null;
        }

        dynamic call = client.GetType().GetMethod(method.Name + "Async", [request.GetType(), typeof(CallOptions)])!
            .Invoke(client, [request, default(CallOptions)])!;
        return (IMessage)await call.ResponseAsync;
    }

    private static IEnumerable<IMessage> Combinations(
        MessageDescriptor type, IReadOnlyList<FieldDescriptor> filters, IReadOnlyDictionary<string, object[]> values)
    {
        IEnumerable<IMessage> requests = [type.Parser.ParseFrom(ByteString.Empty)];
        foreach (var filter in filters)
        {
            var known = values.TryGetValue($"{type.Name}.{filter.Name}", out var own) ? own
                : values.TryGetValue(filter.Name, out var common) ? common
                : throw new InvalidOperationException($"what to filter by in {type.Name}.{filter.Name}?");
            requests = requests.SelectMany(request => known.Select(value => With(request, filter, value)).Prepend(request)).ToList();
        }

        return requests;
    }

    private static IMessage With(IMessage request, FieldDescriptor field, object value)
    {
        var changed = request.Descriptor.Parser.ParseFrom(request.ToByteArray());
        switch (field.Accessor.GetValue(changed))
        {
            case MapField<string, string> map:
                map.Add("fleet.io/all", (string)value);
                break;
            case System.Collections.IList list:
                foreach (var item in (System.Collections.IEnumerable)value)
                {
                    list.Add(item);
                }

                break;
            default:
                field.Accessor.SetValue(changed, value);
                break;
        }

        return changed;
    }
}

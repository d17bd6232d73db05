using System.Diagnostics;
using Orleans.Diagnostics;

namespace Orleans.Runtime;

/// <summary>Spans around calls. The context of a trace goes along in <see cref="RequestContext"/>, by its W3C names.</summary>
internal static class CallActivities
{
    public const string TraceParent = "traceparent";
    public const string TraceState = "tracestate";

    public static readonly ActivitySource Source = new(ActivitySources.ApplicationGrainActivitySourceName, "1.0.0");

    public static async Task RunAsync(Activity? activity, IGrainCallContext context)
    {
        if (activity is null)
        {
            await context.Invoke();
            return;
        }

        activity.SetTag("rpc.system", "orleans");
        activity.SetTag("rpc.service", context.InterfaceName);
        activity.SetTag("rpc.method", context.MethodName);
        activity.SetTag("rpc.orleans.target_id", context.TargetId.ToString());
        try
        {
            await context.Invoke();
            activity.SetStatus(ActivityStatusCode.Ok);
        }
        catch (Exception exception)
        {
            activity.SetStatus(ActivityStatusCode.Error, exception.Message);
            throw;
        }
    }
}

internal sealed class OutgoingActivityFilter : IOutgoingGrainCallFilter
{
    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        using var activity = CallActivities.Source.StartActivity(context.Request.GetActivityName(), ActivityKind.Client);
        if (Activity.Current is { Id: { } id } current)
        {
            RequestContext.Set(CallActivities.TraceParent, id);
            if (current.TraceStateString is { Length: > 0 } state)
            {
                RequestContext.Set(CallActivities.TraceState, state);
            }
        }

        await CallActivities.RunAsync(activity, context);
    }
}

internal sealed class IncomingActivityFilter : IIncomingGrainCallFilter
{
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        ActivityContext.TryParse(
            RequestContext.Get(CallActivities.TraceParent) as string,
            RequestContext.Get(CallActivities.TraceState) as string,
            isRemote: true,
            out var parent);
        using var activity = CallActivities.Source.StartActivity(context.Request.GetActivityName(), ActivityKind.Server, parent);
        await CallActivities.RunAsync(activity, context);
    }
}

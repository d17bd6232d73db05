using Fleet.Protocol.V1;

namespace Fleet.Agent.Runs;

/// <summary>Takes what is shown of running attempts and need not arrive. Never blocks; drops what does not fit.</summary>
internal interface IRunSink
{
    void Show(RunProgressUpdate progress);

    void Show(RunLogLines lines);
}

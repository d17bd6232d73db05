namespace Orleans.Runtime;

/// <summary>An activation that can be re-entered by the call chains that it allows to.</summary>
internal interface ICallChainReentrantGrainContext
{
    void OnEnterReentrantSection(Guid reentrancyId);

    void OnExitReentrantSection(Guid reentrancyId);
}

import { onlyRequest, type Handler } from './call.ts';
import { gossip, serverFeatures, shared } from './generated.ts';

const STREAMS = 'event_store.client.streams.streams';

/** The version this server says it is: one whose semantics it follows and whose limits it keeps. */
export const SERVER_VERSION = '24.10.0';

const SUPPORTED: readonly [service: string, method: string, features: string[]][] = [
  [STREAMS, 'read', ['position', 'events']],
  [STREAMS, 'append', []],
  [STREAMS, 'batchappend', ['deadline_duration']],
  [STREAMS, 'delete', []],
  [STREAMS, 'tombstone', []],
  ['event_store.client.gossip.gossip', 'read', []],
  ['event_store.client.server_features.serverfeatures', 'getsupportedmethods', []],
];

/** `GetSupportedMethods`: names in lower case, as clients compare them. */
export function supportedMethodsHandler(): Handler {
  const response = new serverFeatures.SupportedMethods();
  response.setEventStoreServerVersion(SERVER_VERSION);
  for (const [service, method, features] of SUPPORTED) {
    const supported = new serverFeatures.SupportedMethod();
    supported.setServiceName(service);
    supported.setMethodName(method);
    supported.setFeaturesList(features);
    response.addMethods(supported);
  }
  const bytes = response.serializeBinary();
  return async (call) => {
    await onlyRequest(call);
    call.send(bytes);
  };
}

/** Identity and address of this one node. */
export interface NodeDescription {
  instanceId: string;
  address: string;
  port: number;
}

/** `Gossip.Read`: a cluster of one, of which this node is the leader. */
export function gossipHandler(node: () => NodeDescription, now: () => number): Handler {
  return async (call) => {
    await onlyRequest(call);
    const { instanceId, address, port } = node();
    const id = new shared.UUID();
    id.setString(instanceId);
    const endPoint = new gossip.EndPoint();
    endPoint.setAddress(address);
    endPoint.setPort(port);
    const member = new gossip.MemberInfo();
    member.setInstanceId(id);
    member.setTimeStamp(`${now()}0000`);
    member.setState(gossip.MemberInfo.VNodeState.LEADER);
    member.setIsAlive(true);
    member.setHttpEndPoint(endPoint);
    const cluster = new gossip.ClusterInfo();
    cluster.addMembers(member);
    call.send(cluster.serializeBinary());
  };
}

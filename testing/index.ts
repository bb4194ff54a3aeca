export { fakeCluster, type FakeClusterArgs } from "./fake-cluster";
export { ferryMocks, type UserMocks } from "./mocks";

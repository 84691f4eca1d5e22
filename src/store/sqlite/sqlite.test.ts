import { testStore } from "../conformance/suite.ts";
import { sqliteSubject } from "./subject-for-tests.ts";

testStore(sqliteSubject, { histories: 100 });
